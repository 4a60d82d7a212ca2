import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { planApplication } from '../../src/bootstrap/application-plan.js';
import { BootError, byFile, finding } from '../../src/bootstrap/checks/finding.js';
import { Container, injectable, requestScoped } from '../../src/bootstrap/container.js';
import { buildRouteTable, describeRoutes, type RouteTable } from '../../src/bootstrap/route-table.js';
import { Controller } from '../../src/decorators/controller.js';
import { MaxBodySize, Timeout } from '../../src/decorators/limits.js';
import { OnError } from '../../src/decorators/on-error.js';
import { Body, From, Header, Param, Query, Req } from '../../src/decorators/parameters.js';
import { Returns, Status } from '../../src/decorators/replies.js';
import { Connect, Get, Head, MSearch, Post, Put, Route, Sse } from '../../src/decorators/route.js';
import { Use } from '../../src/decorators/use.js';
import type { Middleware } from '../../src/http/handler.js';
import { Request as LuminaireRequest, type Request } from '../../src/http/request.js';
import { consoleLogger } from '../../src/server/logger.js';

function table(controllers: readonly unknown[], use: readonly Middleware[] = []): RouteTable {
  return buildRouteTable({
    controllers,
    use,
    container: new Container(),
    env: 'debug',
    logger: consoleLogger,
  });
}

/** The messages of everything that boot finds. */
function findings(...controllers: unknown[]): string[] {
  try {
    table(controllers);
  } catch (error) {
    if (error instanceof BootError) return error.findings.map(({ message }) => message);
    throw error;
  }
  return [];
}

/** A decorator whose compile-time check does not matter: JavaScript has none. */
// biome-ignore lint/suspicious/noExplicitAny: stands in for code that no compiler has checked
const unchecked = (decorator: unknown) => decorator as any;

@Controller('/todos')
class Todos {
  @Get() list() {}
  @Get('/:id') @Head('/:id') show(@Param('id') _id: number) {}
  @MSearch('*') discover() {}
}

describe('a route table', () => {
  it('lists routes with their joined paths, in the order of controllers and methods', () => {
    const { routes } = table([Todos]);
    expect(routes.map(({ method, pattern, place }) => [method, pattern, place])).toEqual([
      ['GET', '/todos', 'Todos.list'],
      ['GET', '/todos/:id', 'Todos.show'],
      ['HEAD', '/todos/:id', 'Todos.show'],
      ['M-SEARCH', '*', 'Todos.discover'],
    ]);
    expect(routes[1]).toMatchObject({ className: 'Todos', methodName: 'show', middleware: [], sends: 'value' });
  });

  it('is frozen', () => {
    const { routes, middleware } = table([Todos]);
    expect([routes, routes[0], middleware].every(Object.isFrozen)).toBe(true);
  });

  it('names the middleware of class and method, outermost first, and the classes among it', () => {
    const log: Middleware = (req, res, next) => next(req, res);
    class Audit {
      handle(
        req: Request,
        res: Parameters<Middleware>[1],
        next: Middleware extends never ? never : Parameters<Middleware>[2],
      ) {
        return next(req, res);
      }
    }
    @Controller('/a')
    @Use(log)
    class A {
      @Get() @Use(Audit) a() {}
    }
    const { routes } = table([A]);
    expect(routes[0]?.middleware).toEqual(['log', 'Audit']);
    expect(describeRoutes(routes)).toBe('GET  /a  log → Audit → A.a\n');
  });

  it('aligns its lines', () => {
    expect(describeRoutes(table([Todos]).routes)).toBe(
      [
        'GET       /todos      Todos.list',
        'GET       /todos/:id  Todos.show',
        'HEAD      /todos/:id  Todos.show',
        'M-SEARCH  *           Todos.discover',
        '',
      ].join('\n'),
    );
  });

  it('has the routes that a controller inherits, under its own prefix', () => {
    @Controller('/base')
    class Base {
      @Get('/x') x() {}
    }
    @Controller('/derived')
    class Derived extends Base {}
    expect(table([Base, Derived]).routes.map(({ pattern, place }) => [pattern, place])).toEqual([
      ['/base/x', 'Base.x'],
      ['/derived/x', 'Derived.x'],
    ]);
  });

  it('builds a thousand routes in well under a second', () => {
    const controllers = Array.from({ length: 100 }, (_none, i) => {
      class Many {
        @Get('/0/:id') a(@Param('id') _id: number) {}
        @Get('/1/:id') b(@Param('id') _id: number) {}
        @Get('/2/:id') c(@Param('id') _id: number) {}
        @Get('/3/:id') d(@Param('id') _id: number) {}
        @Get('/4/:id') e(@Param('id') _id: number) {}
        @Get('/5/:id') f(@Param('id') _id: number) {}
        @Get('/6/:id') g(@Param('id') _id: number) {}
        @Get('/7/:id') h(@Param('id') _id: number) {}
        @Get('/8/:id') i(@Param('id') _id: number) {}
        @Get('/9/:id') j(@Param('id') _id: number) {}
      }
      Controller<string>(`/c${i}`)(Many);
      return Many;
    });
    const before = process.cpuUsage();
    expect(table(controllers).routes).toHaveLength(1000);
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(1000);
  });
});

describe('a boot error', () => {
  it('lists every finding of every controller, and makes nothing', () => {
    const made: string[] = [];
    @Controller('/a')
    class First {
      constructor() {
        made.push('First');
      }
      @Get('/:id') a(@Param('no') _no: string) {}
    }
    @Controller('/b')
    class Second {}
    let error: unknown;
    try {
      table([First, Second]);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(BootError);
    expect((error as BootError).message).toBe(
      [
        'The application cannot start: 2 findings',
        '  1. First.a: expected :no in GET /a/:id for @Param("no"), found :id. Add /:no to the path, or take the value from elsewhere: @Query("no").',
        '     test/bootstrap/route-table.spec.ts',
        '  2. Second: expected at least one route, found none. Write @Get, @Post or another above a method, or do not list the class.',
        '     test/bootstrap/route-table.spec.ts',
      ].join('\n'),
    );
    expect((error as BootError).findings[1]).toMatchObject({
      place: 'Second',
      expected: 'at least one route',
      found: 'none',
    });
    expect(made).toEqual([]);
  });

  it('says what a constructor threw', () => {
    @Controller()
    class A {
      constructor() {
        throw new Error('no database');
      }
      @Get() a() {}
    }
    expect(findings(A)).toEqual([
      'A: expected a constructor that returns, found one that threw: no database. Boot makes every singleton once, before a port is opened.',
    ]);
  });
});

describe('findings about controllers', () => {
  it('name an entry that is no class', () => {
    expect(findings(undefined, new Todos(), () => {})).toEqual([
      'controllers[0]: expected a class with @Controller, found nothing yet. Its module was not evaluated yet: it and the module that lists it import each other.',
      'controllers[1]: expected a class with @Controller, found an object of Todos. List the class itself, not an instance or a function.',
      'controllers[2]: expected a class with @Controller, found the function (anonymous). List the class itself, not an instance or a function.',
    ]);
  });

  it('name a class without @Controller, or with an inherited one', () => {
    class Plain {
      @Get() a() {}
    }
    class Derived extends Todos {}
    expect(findings(Plain, Derived)).toEqual([
      'Plain: expected a class with @Controller, found no @Controller. Write @Controller() above it.',
      'Derived: expected a class with @Controller, found a subclass without one of its own. Routes are inherited, the prefix is not: write @Controller(prefix) above it.',
    ]);
  });

  it('name a class that is listed twice, or has two prefixes', () => {
    @Controller('/a')
    @Controller('/b')
    class Twice {
      @Get() a() {}
    }
    expect(findings(Todos, Todos, Twice)).toEqual([
      'Todos: expected to be listed once in controllers, found it again. Remove one of the two.',
      'Twice: expected one @Controller, found 2. A class has one prefix: remove one.',
    ]);
  });

  it('name a decorated constructor parameter, and decorators beside no route', () => {
    @Controller()
    class A {
      constructor(_store: Store) {}
      @Get() a() {}
      stray(_q: string) {}
      @Status(201) orphan() {}
      @Use((req, res, next) => next(req, res)) wrapped() {}
    }
    unchecked(Query('q'))(A, undefined, 0);
    unchecked(Query('q'))(A.prototype, 'stray', 0);
    expect(findings(A)).toEqual([
      'A: expected nothing but dependencies in the constructor, found @Query("q"). No request is there yet: read it in a handler, or with @From.',
      'A.stray: expected a route beside @Query("q"), found none. The method is never called: write @Get, @Post or another above it, or remove the decorator.',
      'A.orphan: expected a route beside @Status, found none. The method is never called: write @Get, @Post or another above it, or remove the decorator.',
      'A.wrapped: expected a route beside @Use, found none. The method is never called: write @Get, @Post or another above it, or remove the decorator.',
    ]);
  });

  it('name a static handler, and one that is no method', () => {
    @Controller()
    class A {
      @Get('/ok') ok() {}
      field = 1;
    }
    unchecked(Get('/static'))(A, 'make', {});
    unchecked(Get('/field'))(A.prototype, 'field', {});
    expect(findings(A)).toEqual([
      'A.make: expected an instance method under @Get, found a static one. Remove "static".',
      'A.field: expected a method under @Get, found something that is not a function. Decorate a method.',
    ]);
  });
});

describe('findings about routes', () => {
  it('name a bad path and a bad prefix', () => {
    @Controller()
    class A {
      @Get(unchecked('users')) a() {}
      @Post('/a//b') b() {}
    }
    @Controller(unchecked('b'))
    class B {
      @Get('/x') a() {}
    }
    const remedy = 'A path is made of literals, :name, a last :name? or *name; or it is "*" alone.';
    expect(findings(A, B)).toEqual([
      `A.a: @Get path must start with "/", got "users". ${remedy}`,
      `A.b: @Post path has an empty segment: "/a//b". ${remedy}`,
      `B.a: @Get path must start with "/", got "b". ${remedy}`,
    ]);
  });

  it('name both places of a duplicate, whatever the parameter is called', () => {
    @Controller('/users')
    class A {
      @Get('/:id') a(@Param('id') _id: string) {}
    }
    @Controller('/users/:name')
    class B {
      @Get() b(@Param('name') _name: string) {}
    }
    expect(findings(A, B)).toEqual([
      'B.b: @Get: GET /users/:name is already registered as /users/:id by A.a; B.b would never run. Change one of the paths, or one of the methods.',
    ]);
  });

  it('name both places of a route that an optional parameter covers', () => {
    @Controller('/users')
    class A {
      @Get('/:id?') a(@Param('id?') _id?: string) {}
      @Get() b() {}
    }
    expect(findings(A)).toEqual([
      'A.b: @Get: GET /users of A.b also matches /users, which is already registered as /users/:id? by A.a. Change one of the paths, or one of the methods.',
    ]);
  });

  it('name a method that is no token, or is in the wrong case', () => {
    @Controller()
    class A {
      @Route('', '/a') a() {}
      @Route('GET IT', '/b') b() {}
      @Route('get', '/c') c() {}
      @Route('QUERY', '/d') d() {}
    }
    expect(findings(A)).toEqual([
      'A.a: expected a method that is a token (RFC 9110 §5.6.2), found "". Write QUERY, say, in @Route.',
      'A.b: expected a method that is a token (RFC 9110 §5.6.2), found "GET IT". Write QUERY, say, in @Route.',
      'A.c: expected "GET", found @Route("get"). Methods are case-sensitive (RFC 9110 §9.1), so no client would reach it.',
    ]);
  });

  it('name a CONNECT route with a path', () => {
    @Controller()
    class A {
      @Connect('/x') a() {}
    }
    expect(findings(A)).toEqual([
      'A.a: @Connect: path must be "*", since CONNECT has no path, got "/x". Change one of the paths, or one of the methods.',
    ]);
  });
});

describe('findings about parameters', () => {
  it('name a @Param that the path lacks, and one that may be missing', () => {
    @Controller()
    class A {
      @Get('/a/:id?') a(@Param('id') _id: string) {}
      @Get('/b') b(@Param('id') _id: string) {}
    }
    expect(findings(A)).toEqual([
      'A.a: expected @Param("id?") for the optional :id? of GET /a/:id?, found @Param("id"). Without it, a path that matches would be answered 400: let the parameter be undefined, or require it in the path.',
      'A.b: expected :id in GET /b for @Param("id"), found no parameters. Add /:id to the path, or take the value from elsewhere: @Query("id").',
    ]);
  });

  it('name types that do not exist at run time, with the spelling to use', () => {
    @Controller()
    class A {
      @Get('/a') a(@Query('q?') _q: string | undefined) {}
      @Get('/b/:id') b(@unchecked(Param('id')) _id: unknown) {}
    }
    class Color {}
    @Controller()
    class B {
      @Get('/c') c(@Query('color') _color: string) {}
      @Get('/d/:tags') d(@Param('tags') _tags: string) {}
    }
    Reflect.defineMetadata('design:paramtypes', [Color], B.prototype, 'c');
    Reflect.defineMetadata('design:paramtypes', [Array], B.prototype, 'd');
    expect(findings(A, B)).toEqual([
      'A.a: expected a parameter of type string, number, boolean, bigint, Date, URL, string[] for @Query("q?"), found a type that does not exist at run time: a union, an interface, a literal, or an "import type". Write "name?: T", or "name: T = ..." with its type, in place of a union; for any other type, @Query("q?", schema).',
      expect.stringContaining(
        'A.b: expected a parameter of type string, number, boolean, bigint, Date, URL for @Param("id"), found ',
      ),
      'B.c: expected a parameter of type string, number, boolean, bigint, Date, URL, string[] for @Query("color"), found Color. Declare one of these types, or add a schema: @Query("color", schema).',
      'B.d: expected a parameter of type string, number, boolean, bigint, Date, URL for @Param("tags"), found Array. Declare one of these types, or add a schema: @Param("tags", schema).',
    ]);
  });

  it('name the compiler setting where no types were emitted', () => {
    class A {
      a(_q: string) {}
    }
    Controller('/a')(A);
    unchecked(Get())(A.prototype, 'a', {});
    unchecked(Query('q'))(A.prototype, 'a', 0);
    expect(findings(A)).toEqual([
      'A.a: expected the emitted types of its parameters, found none. Set "emitDecoratorMetadata": true for tsc, or "decoratorMetadata": true for swc; esbuild and tsx cannot emit types.',
    ]);
  });

  it('name a parameter without a decorator, and one with two', () => {
    @Controller()
    class A {
      @Get('/a') a(@Req() _req: Request, _plain: string) {}
      @Get('/b') b(@Query('x') @Header('x') _x: string) {}
    }
    expect(findings(A)).toEqual([
      'A.a: expected a decorator on parameter 2, found none. Say where it comes from: @Param, @Query, @Header, @Cookie, @Body, @From, @Signal, @Req or @Res.',
      expect.stringMatching(
        /^A\.b: expected one decorator on parameter 1, found @\w+\("x"\) and @\w+\("x"\)\. A parameter comes from one place: remove one\.$/,
      ),
    ]);
  });

  it('name a second @Body, and a @Body where content has no meaning', () => {
    @Controller()
    class A {
      @Post('/a') a(@Body() _a: unknown, @Body() _b: unknown) {}
      @Get('/b') b(@Body() _b: unknown) {}
    }
    expect(findings(A)).toEqual([
      'A.a: expected one @Body, found 2. A request has one body: read it with one schema.',
      'A.b: expected no @Body with GET, found @Body(). The content of such a request has no meaning (RFC 9110 §9.3): use @Query, or another method.',
    ]);
  });

  it('name a schema that is none, be it lost in an import cycle', () => {
    class Todo {}
    @Controller()
    class A {
      @Post('/a') a(@Body(unchecked(Todo)) _a: unknown) {}
      @Post('/b') b(@Body(unchecked(undefined)) _b: unknown) {}
      @Post('/c') c(@Query('c', unchecked(undefined)) _c: unknown) {}
      @Post('/d') @Returns(200, unchecked({})) d() {}
    }
    expect(findings(A)).toEqual([
      'A.a: expected a Standard Schema (a value with "~standard") in @Body(schema), found the class Todo. zod 3.24, valibot 1 and arktype 2 make such schemas; a type, a class or an interface is none.',
      'A.b: expected a Standard Schema (a value with "~standard") in @Body(schema), found nothing yet. Where it is imported from a module that imports this one, it is not there yet: break the cycle.',
      'A.c: expected a Standard Schema (a value with "~standard") in @Query("c", schema), found nothing yet. Where it is imported from a module that imports this one, it is not there yet: break the cycle.',
      'A.d: expected a Standard Schema (a value with "~standard") in @Returns, found an object of Object. zod 3.24, valibot 1 and arktype 2 make such schemas; a type, a class or an interface is none.',
    ]);
  });

  it('name a resolver that is none, and a name that is none', () => {
    class Nothing {}
    @Controller()
    class A {
      @Get('/a') a(@From(unchecked(Nothing)) _a: unknown) {}
      @Get('/b') b(@Header('x y') _b: string) {}
      @Get('/c') c(@Query('') _c: string) {}
    }
    expect(findings(A)).toEqual([
      'A.a: expected a class with a method resolve(req) in @From, found the class Nothing. Where it is imported from a module that imports this one, it is not there yet: break the cycle.',
      'A.b: expected a name that is a token (RFC 9110 §5.6.2), found @Header("x y"). Name what is to be read.',
      'A.c: expected a name, found @Query(""). Name what is to be read.',
    ]);
  });
});

describe('findings about replies and middleware', () => {
  it('name a status that is none, or cannot have the content that a schema describes', () => {
    const schema = z.any();
    @Controller()
    class A {
      @Get('/a') @Status(99) a() {}
      @Get('/b') @Returns(204, schema) b() {}
      @Get('/c') @Status(200) @Status(201) c() {}
      @Get('/d') @Returns(200, schema) @Returns(200, schema) d() {}
      @Sse('/e') @Status(201) async *e() {}
      @Put('/f') @Status(202) @Returns(200, schema) @Returns(404, schema) f() {}
    }
    expect(findings(A)).toEqual([
      'A.a: expected a final status, 200 to 599, in @Status, found 99. A status below 200 is never the last of a request (RFC 9110 §15.2).',
      'A.b: expected a status with content in @Returns, found 204. Such an answer has no content (RFC 9110 §6.4.1): write @Status.',
      'A.c: expected one @Status, found two. A handler has one default status, and one schema a status: remove one.',
      'A.d: expected one @Returns(200), found two. A handler has one default status, and one schema a status: remove one.',
      'A.e: expected no @Status or @Returns beside @Sse, found @Status. An event stream is always 200; check each event where it is made.',
    ]);
  });

  it('name middleware that is neither function nor class', () => {
    class Nothing {}
    @Controller()
    @Use(unchecked(undefined))
    class A {
      @Get() @Use(unchecked(Nothing)) a() {}
    }
    const expected = 'expected a function (req, res, next), or a class with a method handle(req, res, next), in @Use';
    const remedy = 'Where it is imported from a module that imports this one, it is not there yet: break the cycle.';
    expect(findings(A)).toEqual([
      `A: ${expected}, found nothing yet. ${remedy}`,
      `A.a: ${expected}, found the class Nothing without handle. ${remedy}`,
    ]);
  });

  it('name what controllers, middleware and resolvers cannot be given', () => {
    class Untyped {
      constructor(readonly store: Store) {}
      handle() {}
    }
    @injectable()
    class Primitive {
      constructor(readonly port: number) {}
      resolve() {
        return 1;
      }
    }
    @Controller()
    @Use(Untyped)
    class A {
      @Get() a(@From(Primitive) _a: number) {}
    }
    expect(findings(A)).toEqual([
      'Untyped: expected the emitted types of its constructor\'s parameters, found none. They are emitted only for a decorated class: write @injectable() above Untyped; if it is there, set "emitDecoratorMetadata": true for tsc, or "decoratorMetadata": true for swc.',
      'Primitive: expected a class as constructor parameter 1, found Number. Nothing can be injected by that type: give the parameter a token, @inject(TOKEN), and register its value with the providers of bootstrap.',
    ]);
  });
});

/** The messages of everything that boot warns of. */
function warnings(...controllers: unknown[]): string[] {
  return table(controllers).warnings.map(({ message }) => message);
}

describe('findings about what is around a request', () => {
  it('name a limit that is none, and two that are as close', () => {
    @Controller()
    @Timeout(0)
    @MaxBodySize(-1)
    class A {
      @Get('/a') @Timeout(1.5) a() {}
      @Get('/b') @MaxBodySize(Number.NaN) b() {}
      @Get('/c') @Timeout(1) @Timeout(2) c() {}
      @Get('/d') @Timeout(2 ** 31) d() {}
      @Get('/e') @Timeout(Number.POSITIVE_INFINITY) @MaxBodySize(0) e() {}
    }
    const ms = 'expected whole milliseconds from 1 to 2147483647, or Infinity, found';
    const bytes = 'expected a whole number of bytes from 0, or Infinity, found';
    expect(findings(A).sort()).toEqual([
      `A.a: ${ms} @Timeout(1.5). Infinity sets no limit.`,
      `A.b: ${bytes} @MaxBodySize(NaN). Infinity sets no limit.`,
      'A.c: expected one @Timeout, found two. The closest limit stands, and these are as close: remove one.',
      `A.d: ${ms} @Timeout(2147483648). Infinity sets no limit.`,
      `A: ${bytes} @MaxBodySize(-1). Infinity sets no limit.`,
      `A: ${ms} @Timeout(0). Infinity sets no limit.`,
    ]);
  });

  it('name a limit of the application that is none', () => {
    const plan = planApplication({ controllers: [Todos], container: new Container(), timeout: -1 });
    expect(plan.errors.map(({ message }) => message)).toEqual([
      'options: expected whole milliseconds from 1 to 2147483647, or Infinity, found timeout: -1. Infinity sets no limit.',
    ]);
  });

  it('name an @OnError that is none, is static, is a handler, or is there twice', () => {
    class Missing extends Error {}
    @Controller()
    class A {
      @Get('/a') a() {}
      @OnError(unchecked(undefined)) b() {}
      @OnError(unchecked(Store)) c() {}
      @Get('/d') @OnError(Missing) d() {}
      @OnError(Error) e() {}
      @OnError(Error) f() {}
      @Timeout(1) g() {}
      @unchecked(OnError(RangeError)) static h() {}
    }
    expect(findings(A)).toEqual([
      'A.b: expected a class of errors in @OnError, found nothing yet. Name a class that extends Error.',
      'A.c: expected a class of errors in @OnError, found the class Store. Name a class that extends Error.',
      'A.d: expected a method of its own under @OnError(Missing), found a handler. It is called with an error, not with a request: write another method.',
      'A.f: expected one @OnError(Error), found two. A class of errors has one reply in a controller: remove one.',
      'A.h: expected an instance method under @OnError(RangeError), found a static one. Remove "static".',
      'A.g: expected a route beside @Timeout(1), found none. The method is never called: write @Get, @Post or another above it, or remove the decorator.',
    ]);
  });

  it('name middleware that is request-scoped', () => {
    @requestScoped()
    class Scoped {
      handle() {}
    }
    @Controller()
    class A {
      @Get() @Use(unchecked(Scoped)) a() {}
    }
    expect(findings(A)).toEqual([
      'Scoped: expected middleware that is a singleton, found a request-scoped class. One instance stands in the chain of every request: give it what it needs through req.state, or make it a resolver.',
    ]);
  });

  it('name a singleton that is to be given the request, and the request of fetch', () => {
    @Controller('/a')
    class A {
      constructor(readonly req: Request) {}
      @Get() a() {}
    }
    @Controller('/b', { scope: 'request' })
    class B {
      constructor(readonly res: globalThis.Response) {}
      @Get() a() {}
    }
    Reflect.defineMetadata('design:paramtypes', [LuminaireRequest], A);
    expect(findings(A, B)).toEqual([
      "A: expected a singleton, which depends on singletons only, found the request-scoped Request as constructor parameter 1. The first request's Request would serve every later one: make A request-scoped too, with @requestScoped(), or { scope: 'request' } on a controller.",
      "B: expected the Response of luminaire as constructor parameter 1, found the global Response of fetch. Import it: import { Response } from 'luminaire'.",
    ]);
  });
});

describe('warnings', () => {
  it('name a part of the path that nobody reads, where that is certain', () => {
    const log: Middleware = (req, res, next) => next(req, res);
    class Reads {
      resolve(req: Request) {
        return req.params.id;
      }
    }
    @Controller('/a/:tenant')
    class A {
      @Get('/:id') unread(@Param('id') _id: number) {}
      @Get('/b/:id') read(@Req() _req: Request) {}
      @Get('/c/:id') resolved(@From(Reads) _id: string | undefined) {}
      @Get('/d/:id') @Use(log) around() {}
    }
    @Controller('/b/:id', { scope: 'request' })
    class B {
      @Get() injected() {}
    }
    expect(warnings(A, B)).toEqual([
      'A.unread: expected @Param("tenant") for :tenant of GET /a/:tenant/:id, found a part of the path that nobody reads. Read it, or write a literal in its place.',
    ]);
  });

  it('name an override that moves an inherited route', () => {
    @Controller('/base')
    class Base {
      @Get('/a') a() {}
      @Get('/b') b() {}
      @Get('/c') c() {}
    }
    @Controller('/derived')
    class Derived extends Base {
      @Get('/moved') override a() {}
      @Get('/b') override b() {}
      override c() {}
    }
    expect(warnings(Base, Derived)).toEqual([
      'Derived.a: expected GET "/a", the route of Base.a, found GET "/moved". The override takes its place, so the inherited route is gone: give the method a name of its own to have both.',
    ]);
  });
});

describe('every message', () => {
  it('is about the application: none speaks of undefined', () => {
    const nothing = undefined;
    class Plain {
      @Get() a() {}
    }
    @Controller()
    @Use(unchecked(nothing))
    class A {
      @Get('/a') a(@From(unchecked(nothing)) _a: unknown) {}
      @Get('/b') b(@Query('b', unchecked(nothing)) _b: unknown) {}
      @Get('/c') @Returns(200, unchecked(nothing)) c() {}
      @Get('/d') d(@Query('d?') _d: string | undefined) {}
      @Get('/e') e(_e: string) {}
      @Route(unchecked(nothing), '/f') f() {}
      @OnError(unchecked(nothing)) g() {}
      @unchecked(Get(unchecked(null))) h() {}
    }
    const messages = findings(nothing, Plain, A);
    expect(messages.length).toBeGreaterThan(9);
    expect(messages.filter((message) => message.includes('undefined'))).toEqual([]);
  });

  it('is sorted by file, those of no known file last', () => {
    const at = (file: string | undefined, place: string) => ({ ...finding(place, 'a', 'b', 'c'), file });
    const sorted = byFile([at(undefined, '1'), at('b.ts', '2'), at('a.ts', '3'), at('b.ts', '4')]);
    expect(sorted.map(({ place }) => place)).toEqual(['3', '2', '4', '1']);
  });
});

class Store {}
