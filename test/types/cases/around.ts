import { MaxBodySize, Timeout } from '../../../src/decorators/limits.js';
import { OnError } from '../../../src/decorators/on-error.js';
import { Get } from '../../../src/decorators/route.js';
import type { Request } from '../../../src/http/request.js';
import type { Response } from '../../../src/http/response.js';
import type { ControllerClient } from '../../../src/testing/controller-client.js';
import type { AppSetup } from '../../../src/bootstrap/app-setup.js';
import { Reply } from '../../../src/http/reply.js';

class Missing extends Error { readonly id = 1; }
class MissingTodo extends Missing { readonly todo = true; }
abstract class Fault extends Error { abstract readonly code: number; }
class NoError { readonly id = 1; }

// fits: limits on a class
@Timeout(100) @MaxBodySize(10)
class Fits {
  // fits: limits on a method
  @Get() @Timeout(1) @MaxBodySize(1) limited() {}
  // fits: the error itself
  @OnError(Missing) one(error: Missing) {}
  // fits: a wider class of error
  @OnError(MissingTodo) wider(error: Error) {}
  // fits: the request and the response after the error
  @OnError(Missing) all(error: Missing, req: Request, res: Response) {}
  // fits: no parameter at all
  @OnError(Error) none() { return new Reply(500); }
  // fits: an abstract class of errors
  @OnError(Fault) fault(error: Fault) { return error.code; }
  // fits: an asynchronous one, with an optional parameter
  @OnError(Missing) async later(error?: Error) {}
}

class Refused {
  // refused: @OnError calls the method with (error, req, res): declare error as the class it names, or a wider one
  @OnError(Missing) narrower(error: MissingTodo) {}
  // refused: @OnError calls the method with (error, req, res)
  @OnError(Missing) text(error: string) {}
  // refused: @OnError calls the method with (error, req, res)
  @OnError(Missing) swapped(req: Request, error: Missing) {}
  // refused: @OnError calls the method with (error, req, res)
  @OnError(Missing) more(error: Missing, req: Request, res: Response, more: string) {}
  // refused: @OnError stands in a public method: remove "private" or "protected"
  @OnError(Missing) private hidden(error: Missing) {}
  // refused: @OnError stands in an instance method: remove "static"
  @OnError(Missing) static shared(error: Missing) {}
  // refused: not assignable to parameter of type
  @OnError(NoError) noError() {}
  // refused: not assignable to parameter of type
  @OnError('Missing') named() {}
  // refused: not assignable to parameter of type
  @Get() @Timeout('1s') timed() {}
  // refused: Expected 1 arguments
  @Get() @MaxBodySize() sized() {}
}

class Todos {
  show(id: number, gone: AbortSignal) { return { id, due: new Date(), tags: new Set(['a']) }; }
  create(todo: { title: string }) { return new Reply(201, todo); }
}
declare const client: ControllerClient<Todos>;
declare const app: AppSetup;

async function fits() {
  // fits: what a method returns, as JSON leaves it
  const { id, due, tags }: { id: number; due: string; tags: string[] } = await (await client.show(1)).json();
  // fits: the body of a Reply
  const { title }: { title: string } = await (await client.create({ title: 'a' })).json();
  // fits: an argument left out
  await client.show();
  // fits: a double with a part of the members
  app.with(Todos, { show: (id) => ({ id, due: new Date(), tags: new Set() }) });
}

async function refused() {
  // refused: not assignable to parameter of type 'number'
  await client.show('1');
  // refused: Type 'string' is not assignable to type 'Date'
  const { due }: { due: Date } = await (await client.show(1)).json();
  // refused: does not exist on type
  await client.remove(1);
  // refused: not assignable to type
  app.with(Todos, { show: () => 1 });
  // refused: does not exist in type
  app.with(Todos, { find: () => 1 });
}
