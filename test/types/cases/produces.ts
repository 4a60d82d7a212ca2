import { Readable } from 'node:stream';
import { type Encoder, Produces } from '../../../src/decorators/produces.js';
import { Returns } from '../../../src/decorators/replies.js';
import { Get, Post } from '../../../src/decorators/route.js';
import { Reply } from '../../../src/http/reply.js';
import type { Request } from '../../../src/http/request.js';
import { type Todo, todo } from './schemas.js';

declare const toCsv: (todos: readonly Todo[]) => string;
declare const forms: Readonly<Record<string, Encoder<Todo>>>;
declare const made: string;
const ONE: Todo = { title: '', done: true };

class Fits {
  // fits: JSON alone
  @Get() @Produces('application/json') json() { return ONE; }
  // fits: JSON by another name, and an encoder
  @Get() @Produces('application/vnd.api+json', { 'text/csv': toCsv }) csv(): Todo[] { return []; }
  // fits: several encoders, later, and nothing to encode
  @Get() @Produces({ 'text/csv': toCsv, 'text/html': async (todos: readonly Todo[], req: Request) => Buffer.from(req.url.path) }) async later(): Promise<Todo[] | undefined> { return []; }
  // fits: a method without content
  @Get() @Produces({ 'text/csv': toCsv }) nothing() {}
  // fits: what a Reply carries
  @Post() @Returns(201, todo) @Produces('application/json', { 'text/plain': (one: Todo) => one.title }) created() { return Reply.created('/1', ONE); }
  // fits: what a Reply of an error carries is not encoded
  @Get() @Produces({ 'text/csv': toCsv }) refused(): Todo[] | Reply<409, { reason: string }> | Reply<304, undefined> { return []; }
  // fits: an encoder of anything, one that streams, a generator
  @Get() @Produces({ 'text/plain': (value: unknown) => String(value), 'text/csv': () => Readable.from(['a']), async *'a/b'(one: Todo) { yield one.title; } }) any() { return ONE; }
  // fits: encoders kept in a table
  @Get() @Produces('application/json', forms) kept() { return ONE; }
  // fits: files and redirects beside what is encoded
  @Get() @Produces({ 'text/csv': toCsv }) filed(): Todo[] | ReturnType<typeof Reply.file> | Reply<303, undefined> { return Reply.file('a.csv'); }
  // fits: a type made at run time
  @Get() @Produces(made) later2() { return ONE; }
}

class Refused {
  // refused: @Produces writes JSON alone by itself: give "text/csv" an encoder, { "text/csv": encode }
  @Get() @Produces('application/json', 'text/csv') csv() { return ONE; }
  // refused: @Produces hands its encoders what the method returns: each must accept it
  @Get() @Produces('application/json', { 'text/csv': toCsv }) one() { return ONE; }
  // refused: @Produces hands its encoders what the method returns
  @Get() @Produces({ 'text/csv': toCsv, 'text/plain': (value: number) => '' }) both(): Todo[] { return []; }
  // refused: @Produces hands its encoders what the method returns
  @Get() @Produces({ 'text/csv': toCsv }) maybe(): Todo[] | null { return null; }
  // refused: @Produces hands its encoders what the method returns
  @Post() @Produces({ 'text/csv': toCsv }) replied() { return Reply.created('/1', ONE); }
  // refused: @Produces hands its encoders what the method returns
  @Post() @Produces({ 'text/csv': toCsv }) untyped(): Reply { return new Reply(200, []); }
  // refused: not assignable to
  @Get() @Produces({ 'text/csv': (one: Todo) => one }) object() {}
  // refused: Expected at least 1 arguments
  @Get() @Produces() none() {}
  // refused: @Produces stands in a public method
  @Produces('application/json') private hidden() { return ONE; }
  // refused: @Produces stands in an instance method
  @Produces('application/json') static shared() { return ONE; }
}
