import * as v from 'valibot';
import { z } from 'zod';
import { Body, Cookie, Header, Param, Query } from '../../../src/decorators/parameters.js';
import { Returns, Status } from '../../../src/decorators/replies.js';
import { Get, Post } from '../../../src/decorators/route.js';
import { Reply } from '../../../src/http/reply.js';
import { color, count, schema, type Todo, tags, todo } from './schemas.js';

const numbers = schema<number>();
const missing = schema<{ missing: string }>();
const ZodTodo = z.object({ title: z.string(), done: z.boolean().default(false) });
const ValibotTodo = v.object({ title: v.string(), done: v.boolean() });

class Fits {
  // fits: a body of the schema's output
  @Post() create(@Body(todo) body: Todo) {}
  // fits: a body of a wider type
  @Post() wider(@Body(todo) body: { title: string }) {}
  // fits: a checked body held as unknown
  @Post() opaque(@Body(todo) body: unknown) {}
  // fits: an unchecked body as unknown
  @Post() raw(@Body() body: unknown) {}
  // fits: a literal union with its schema
  @Get() color(@Query('color', color) color: 'red' | 'green') {}
  // fits: a transformed value
  @Get() tags(@Query('tag', tags) tags: Set<string>) {}
  // fits: an optional name with a schema
  @Get() count(@Query('count?', count) count?: number) {}
  // fits: a schema in the path
  @Get('/:count') path(@Param('count', count) count: number) {}
  // fits: a schema for a header field
  @Get() field(@Header('x-count', count) count: number) {}
  // fits: a schema for a cookie
  @Get() cookie(@Cookie('count', count) count: number) {}
  // fits: the whole query
  @Get() search(@Query(todo) query: Todo) {}
  // fits: the whole header section
  @Get() fields(@Header(todo) fields: Todo) {}
  // fits: a zod schema
  @Post() zod(@Body(ZodTodo) body: z.infer<typeof ZodTodo>) {}
  // fits: a coercing zod schema
  @Get() coerced(@Query('page', z.coerce.number().min(1)) page: number) {}
  // fits: a valibot schema
  @Post() valibot(@Body(ValibotTodo) body: v.InferOutput<typeof ValibotTodo>) {}
  // fits: a returned value of the schema's input
  @Get() @Returns(200, todo) one(): Todo { return { title: '', done: true }; }
  // fits: a promise of more than the schema names
  @Get() @Returns(200, todo) async more(): Promise<Todo & { secret: string }> { return { title: '', done: true, secret: '' }; }
  // fits: a field that the schema defaults is left out
  @Get() @Returns(200, ZodTodo) defaulted(): { title: string } { return { title: '' }; }
  // fits: a Reply whose body fits
  @Post() @Returns(201, todo) replied() { return new Reply(201, { title: '', done: false }, { Location: '/1' }); }
  // fits: a schema for each status
  @Get() @Returns(200, todo) @Returns(404, missing) either(): Todo | Reply<404, { missing: string }> { return new Reply(404, { missing: '' }); }
  // fits: a Reply that says where it was made
  @Post() @Returns(201, todo) created() { return Reply.created('/todos/7', { title: '', done: false }); }
  // fits: redirects and 304 beside what the schema is for
  @Get() @Returns(200, todo) aside(): Todo | Reply<303, undefined> | Reply<304, undefined> { return Reply.notModified(); }
  // fits: one of several redirects
  @Get() @Returns(200, todo) async elsewhere(): Promise<Todo | Reply<301 | 302, undefined>> { return Reply.redirect('/', 302); }
  // fits: a status
  @Post() @Status(202) accepted() {}
}

class Refused {
  // refused: @Body(schema) gives what its schema gives: declare the parameter as the schema's output
  @Post() create(@Body(todo) body: { title: number }) {}
  // refused: @Body(schema) gives what its schema gives
  @Post() text(@Body(todo) body: string) {}
  // refused: @Body(schema) gives what its schema gives
  @Post() more(@Body(todo) body: Todo & { id: number }) {}
  // refused: @Body() without a schema gives unknown: declare it so, or add a schema
  @Post() raw(@Body() body: Todo) {}
  // refused: @Body() without a schema gives unknown
  @Post() any(@Body() body: any) {}
  // refused: @Body() without a schema gives unknown
  @Post() string(@Body() body: string) {}
  // refused: @Query("color", schema) gives what its schema gives
  @Get() color(@Query('color', color) color: 'red') {}
  // refused: @Query("tag", schema) gives what its schema gives
  @Get() tags(@Query('tag', tags) tags: string[]) {}
  // refused: @Query("count?", schema) may be missing
  @Get() count(@Query('count?', count) count: number) {}
  // refused: @Query("n", schema) hands text to its schema, which takes none: coerce in the schema
  @Get() uncoerced(@Query('n', numbers) n: number) {}
  // refused: @Param("n", schema) hands text to its schema
  @Get('/:n') zod(@Param('n', z.number()) n: number) {}
  // refused: @Cookie("c", schema) gives what its schema gives
  @Get() cookie(@Cookie('c', count) c: string) {}
  // refused: @Query(schema) gives what its schema gives
  @Get() search(@Query(todo) query: { page: number }) {}
  // refused: @Header(schema) gives what its schema gives
  @Get() fields(@Header(todo) fields: string) {}
  // refused: @Body(schema) gives what its schema gives
  @Post() valibot(@Body(ValibotTodo) body: { title: Date }) {}
  // refused: @Returns checks what the method returns: it must return the schema's input
  @Get() @Returns(200, todo) less(): { title: string } { return { title: '' }; }
  // refused: @Returns checks what the method returns
  @Get() @Returns(200, todo) async later() { return 'done'; }
  // refused: @Returns checks what the method returns
  @Get() @Returns(200, todo) nothing() {}
  // refused: @Returns checks what the method returns
  @Post() @Returns(201, todo) replied() { return new Reply(201, { title: 1 }); }
  // refused: @Returns checks what the method returns
  @Get() @Returns(404, missing) wrong(): Todo | Reply<404, { lost: string }> { return new Reply(404, { lost: '' }); }
  // refused: @Returns checks what the method returns
  @Post() @Returns(201, todo) misnamed() { return Reply.created('/todos/7', { name: '' }); }
  // refused: @Returns checks what the method returns
  @Post() @Returns(201, todo) bodiless() { return Reply.created('/todos/7'); }
  // refused: @Returns checks what the method returns
  @Post() @Returns(201, todo) untyped(): Reply { return Reply.created('/todos/7', 'a'); }
  // refused: @Returns checks what the method returns
  @Get() @Returns(200, todo) streamed() { return Reply.stream(process.stdin, 'text/plain'); }
  // refused: @Returns checks what the method returns
  @Get() @Returns(200, todo) filed() { return Reply.file('a.json'); }
  // refused: not assignable to parameter of type '301 | 302 | 303 | 307 | 308 | undefined'
  @Get() choices() { return Reply.redirect('/', 300); }
  // refused: 'title' does not exist in type 'StandardSchemaV1
  @Post() schemaless(@Body({ title: 'string' }) body: unknown) {}
}
