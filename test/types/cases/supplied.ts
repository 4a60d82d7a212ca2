import { Body, From, LastEventId, Query, Req, Res, Signal } from '../../../src/decorators/parameters.js';
import { Returns, Status } from '../../../src/decorators/replies.js';
import { Get, Head, MSearch, Post, Route, Sse } from '../../../src/decorators/route.js';
import { Controller } from '../../../src/decorators/controller.js';
import { Use } from '../../../src/decorators/use.js';
import type { Resolver } from '../../../src/decorators/injected.js';
import type { Middleware, Next } from '../../../src/http/handler.js';
import type { Request } from '../../../src/http/request.js';
import type { Topic } from '../../../src/http/events/topic.js';
import type { Response } from '../../../src/http/response.js';
import { todo } from './schemas.js';

declare const topic: Topic<number>;
class User { constructor(readonly name: string) {} }
class Admin extends User { readonly admin = true; }
class Users { find(): User { return new User(''); } }

class CurrentUser implements Resolver<User> {
  constructor(private readonly users: Users) {}
  resolve(req: Request) { return this.users.find(); }
}
class CurrentAdmin implements Resolver<Admin> {
  async resolve(req: Request) { return new Admin(''); }
}
class Nothing {}

const log: Middleware = (req, res, next) => next(req, res);
class Audit {
  constructor(private readonly users: Users) {}
  handle(req: Request, res: Response, next: Next) { return next(req, res); }
}
declare const prefix: string;

// fits: a prefix, middleware as function and class
@Controller('/supplied') @Use(log, Audit)
class Fits {
  constructor(private readonly users: Users) {}
  // fits: what a resolver resolves to
  @Get() me(@From(CurrentUser) user: User) {}
  // fits: what a resolver's promise resolves to, in a wider type
  @Get() admin(@From(CurrentAdmin) user: User) {}
  // fits: a signal
  @Get() signal(@Signal() gone: AbortSignal) {}
  // fits: the request and the response
  @Get() both(@Req() req: Request, @Res() res: Response) {}
  // fits: the last event id
  @Sse('/changes') async *changes(@LastEventId() id?: string) { yield { data: id ?? '' }; }
  // fits: events with every field, and an id
  @Sse() async *ticks() { yield { data: 1, event: 'tick', id: '1', retry: 10 }; yield 'text'; }
  // fits: a promise of an async iterable
  @Sse() async later(): Promise<AsyncIterable<string>> { return this.changes() as never; }
  // fits: a topic, followed by the method or handed on, with a snapshot of its own
  @Sse() async *followed(@Signal() signal: AbortSignal) { yield* topic.subscribe({ signal }); }
  @Sse() handed(@Signal() signal: AbortSignal, @LastEventId() lastEventId?: string) { return topic.subscribe({ signal, lastEventId, snapshot: async () => ({ data: 1 }) }); }
  // fits: two methods on one handler
  @Get('/x') @Head('/x') twice() {}
  // fits: the asterisk-form
  @MSearch('*') discover() {}
  // fits: another token
  @Route('QUERY', '/search') query() {}
  // fits: a path made at run time
  @Get(`${prefix}/x`) dynamic() {}
  // fits: middleware on a method
  @Get() @Use(log) @Use(Audit) guarded() {}
  // fits: a protected helper without decorators
  protected helper(text: string) {}
}

// fits: no prefix, a scope
@Controller('', { scope: 'request' })
class Scoped {}

// refused: a prefix starts with "/": write "/users"
@Controller('users')
class Prefix {}

// refused: a prefix starts with "/": write "/*"
@Controller('*')
class Asterisk {}

// refused: Cannot assign an abstract constructor type
@Controller() 
abstract class Abstract {}

// refused: not assignable to parameter of type
@Use(Nothing)
class Unhandled {}

// refused: not assignable to parameter of type
@Use('log')
class Named {}

class Refused {
  // refused: @Query("q") reads a request, so it stands in a handler, not in a constructor
  constructor(@Query('q') q: string) {}
  // refused: @From gives what its resolver resolves to: declare the parameter so
  @Get() narrower(@From(CurrentUser) user: Admin) {}
  // refused: @From gives what its resolver resolves to
  @Get() other(@From(CurrentUser) user: string) {}
  // refused: Property 'resolve' is missing
  @Get() unresolved(@From(Nothing) user: unknown) {}
  // refused: @Signal() gives an AbortSignal: declare the parameter so
  @Get() signal(@Signal() gone: AbortController) {}
  // refused: @Req() gives the Request
  @Get() req(@Req() req: string) {}
  // refused: @Res() gives the Response
  @Get() res(@Res() res: Request) {}
  // refused: @LastEventId() gives a string or undefined
  @Sse() async *last(@LastEventId() id: string) { yield id; }
  // refused: @Sse sends an async iterable of events or strings: write "async *once()", or return one
  @Sse() once() { return 1; }
  // refused: @Sse sends an async iterable
  @Sse() *sync() { yield 1; }
  // refused: @Sse sends an async iterable of events or strings
  @Sse() async *numbers() { yield 1; }
  // refused: Property 'signal' is missing
  @Sse() unended() { return topic.subscribe({}); }
  // refused: not assignable to type
  @Sse() async *misread(@Signal() signal: AbortSignal) { for await (const event of topic.subscribe({ signal, snapshot: () => ({ data: 'all' }) })) { const data: number = event.data; yield String(data); } }
  // refused: a path starts with "/": write "/users"
  @Get('users') path() {}
  // refused: a path starts with "/": write "/:id"
  @Route('QUERY', ':id') routed() {}
  // refused: @Get stands in a public method: remove "private" or "protected"
  @Get() private hidden() {}
  // refused: @Query("q") stands in a public method
  private read(@Query('q') q: string) {}
  // refused: @Body(schema) stands in a public method
  protected write(@Body(todo) body: unknown) {}
  // refused: @Status stands in a public method
  @Status(201) protected status() {}
  // refused: @Post stands in an instance method: remove "static"
  @Post() static make() {}
  // refused: @Query("q") stands in an instance method
  static query(@Query('q') q: string) {}
  // refused: @Returns stands in an instance method
  @Returns(200, todo) static returns() {}
  // refused: @Get stands on a method, not on an accessor
  @Get() get computed() { return 1; }
  // refused: The runtime will invoke the decorator with 2 arguments, but the decorator expects 3
  @Get() field = 1;
  // refused: not assignable to parameter of type
  @Get() @Use(Nothing) guarded() {}
}

// refused: The runtime will invoke the decorator with 1 arguments, but the decorator expects 3
@Get()
class Marked {}
