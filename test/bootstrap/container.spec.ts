import { describe, expect, it, onTestFinished } from 'vitest';
import { BootError } from '../../src/bootstrap/checks/finding.js';
import { Container, delay, inject, injectable, scoped, singleton } from '../../src/bootstrap/container.js';
import type { Request } from '../../src/http/request.js';
import type { Response } from '../../src/http/response.js';

// tsyringe can be loaded only after the metadata that the imports above bring.
const { container: root } = await import('tsyringe');

class Clock {}

@injectable()
class Store {
  constructor(readonly clock: Clock) {}
}

@injectable()
class Service {
  constructor(
    readonly store: Store,
    readonly clock: Clock,
  ) {}
}

@singleton()
class Single {}

abstract class Mailer {
  abstract readonly from: string;
}

/** Proves without findings, makes, and gives the instance. */
function made<T extends object>(container: Container, asked: new (...dependencies: never[]) => T): T {
  expect(container.prove(asked).map(({ message }) => message)).toEqual([]);
  container.makeSingletons();
  return container.resolve(asked);
}

const exchange = [{}, {}] as unknown as [Request, Response];

const messages = (asked: new (...dependencies: never[]) => object, container = new Container()) =>
  container.prove(asked).map(({ message }) => message);

describe('a container', () => {
  it('makes every class once', () => {
    const container = new Container();
    const service = made(container, Service);
    expect(service.store).toBeInstanceOf(Store);
    expect(service.clock).toBe(service.store.clock);
    expect(container.resolve(Service)).toBe(service);
  });

  it('shares nothing with another, not even a @singleton()', () => {
    const [a, b] = [new Container(), new Container()];
    expect(made(a, Service)).not.toBe(made(b, Service));
    expect(made(a, Single)).not.toBe(made(b, Single));
    expect(a.resolve(Single)).toBe(a.resolve(Single));
  });

  it("finds what was registered in tsyringe's own", () => {
    @injectable()
    class A {
      constructor(@inject('region') readonly region: string) {}
    }
    root.register('region', { useValue: 'eu' });
    onTestFinished(() => root.reset());
    expect(made(new Container(), A).region).toBe('eu');
  });

  it('gives the subclass of an injected class its dependencies', () => {
    class Derived extends Service {}
    expect(made(new Container(), Derived).store).toBeInstanceOf(Store);
  });

  it('calls onStart in the order of making, and disposes in reverse', async () => {
    const calls: string[] = [];
    class A {
      async onStart() {
        calls.push('start a');
      }
      async [Symbol.asyncDispose]() {
        calls.push('dispose a');
      }
    }
    class B {
      constructor(readonly a: A) {}
      onStart() {
        calls.push('start b');
      }
      [Symbol.dispose]() {
        calls.push('dispose b');
      }
    }
    Reflect.defineMetadata('design:paramtypes', [A], B);
    class C {
      constructor(readonly b: B) {}
      dispose() {
        calls.push('dispose c');
      }
    }
    Reflect.defineMetadata('design:paramtypes', [B], C);
    const container = new Container();
    made(container, C);
    await container.start();
    await container.dispose();
    await container.dispose();
    expect(calls).toEqual(['start a', 'start b', 'dispose c', 'dispose b', 'dispose a']);
  });

  it('starts nothing after the first that fails, and still disposes all', async () => {
    const calls: string[] = [];
    class A {
      onStart() {
        throw new Error('no start');
      }
      dispose() {
        calls.push('disposed');
      }
    }
    class B {
      onStart() {
        calls.push('started');
      }
    }
    const container = new Container();
    made(container, A);
    made(container, B);
    await expect(container.start()).rejects.toThrow('no start');
    expect(calls).toEqual([]);
    await container.dispose();
    expect(calls).toEqual(['disposed']);
  });

  it('tries to dispose everything', async () => {
    const calls: string[] = [];
    class A {
      dispose() {
        calls.push('a');
      }
    }
    class B {
      dispose() {
        throw new Error('b');
      }
    }
    const container = new Container();
    made(container, A);
    made(container, B);
    await expect(container.dispose()).rejects.toThrow('Some instances could not be disposed');
    expect(calls).toEqual(['a']);
  });
});

describe('a provider', () => {
  @injectable()
  class Post {
    constructor(readonly mailer: Mailer) {}
  }
  class Smtp extends Mailer {
    readonly from = 'smtp';
  }

  it('stands for a token with a value, which stays its owner’s', async () => {
    let isDisposed = false;
    const value = { from: 'value', dispose: () => (isDisposed = true) };
    const container = new Container([{ token: Mailer, value }]);
    expect(made(container, Post).mailer).toBe(value);
    await container.dispose();
    expect(isDisposed).toBe(false);
  });

  it('stands for a token with a class, of which there is one', () => {
    const container = new Container([{ token: Mailer, class: Smtp }]);
    const post = made(container, Post);
    expect(post.mailer).toBeInstanceOf(Smtp);
    expect(made(container, Smtp)).toBe(post.mailer);
  });

  it('stands for a token with a factory, which runs once and may resolve', async () => {
    let runs = 0;
    let isDisposed = false;
    const container = new Container([
      {
        token: Mailer,
        factory: (resolve) => {
          runs++;
          const store = resolve(Store);
          return { from: String(store === resolve(Store)), dispose: () => (isDisposed = true) };
        },
      },
    ]);
    const { mailer } = made(container, Post);
    expect([mailer.from, container.resolve(Post).mailer === mailer, runs]).toEqual(['true', true, 1]);
    await container.dispose();
    expect(isDisposed).toBe(true);
  });

  it('is proved where it is a class', () => {
    @injectable()
    class Broken extends Mailer {
      readonly from = '';
      constructor(readonly port: number) {
        super();
      }
    }
    expect(messages(Post, new Container([{ token: Mailer, class: Broken }]))).toEqual([
      expect.stringContaining(
        'Broken: expected a class as constructor parameter 1 (needed as Post → Broken), found Number.',
      ),
    ]);
  });

  it.each(['mailer', Symbol('mailer')])('stands for %s', (token) => {
    @injectable()
    class A {
      constructor(@inject(token) readonly mailer: Mailer) {}
    }
    expect(made(new Container([{ token, class: Smtp }]), A).mailer).toBeInstanceOf(Smtp);
  });
});

describe('a finding', () => {
  it('names a class without emitted types, and the chain to it', () => {
    class Plain {
      constructor(readonly clock: Clock) {}
    }
    @injectable()
    class A {
      constructor(readonly plain: Plain) {}
    }
    expect(messages(A)).toEqual([
      'Plain: expected the emitted types of its constructor\'s parameters (needed as A → Plain), found none. They are emitted only for a decorated class: write @injectable() above Plain; if it is there, set "emitDecoratorMetadata": true for tsc, or "decoratorMetadata": true for swc.',
    ]);
  });

  it('names a type that is erased', () => {
    interface Options {
      readonly a: string;
    }
    @injectable()
    class A {
      constructor(readonly options: Options) {}
    }
    expect(messages(A)).toEqual([
      'A: expected a class as constructor parameter 1, found a type that does not exist at run time: an interface, a union, or a class that was imported with "import type". Import the class as a value, or give the parameter a token: @inject(TOKEN).',
    ]);
  });

  it('names a class that was undefined when it was needed', () => {
    class A {
      constructor(readonly a: Clock) {}
    }
    Reflect.defineMetadata('design:paramtypes', [undefined], A);
    expect(messages(A)).toEqual([
      'A: expected a class as constructor parameter 1, found nothing yet. Its module was not evaluated yet, because the two import each other: move one of the classes, or write @inject(delay(() => TheClass)).',
    ]);
  });

  it('names a token that nothing is registered as, unless it is optional', () => {
    @injectable()
    class A {
      constructor(
        @inject('region') readonly region: string,
        @inject('zone', { isOptional: true }) readonly zone?: string,
      ) {}
    }
    expect(messages(A)).toEqual([
      "A: expected something registered as 'region' for constructor parameter 1, found nothing. Add { token: 'region', value: ... } to the providers of bootstrap.",
    ]);
    expect(made(new Container([{ token: 'region', value: 'eu' }]), A)).toMatchObject({ region: 'eu', zone: undefined });
  });

  it('names a cycle once, which delay breaks', () => {
    class A {
      constructor(readonly b: object) {}
    }
    class B {
      constructor(readonly a: A) {}
    }
    Reflect.defineMetadata('design:paramtypes', [B], A);
    Reflect.defineMetadata('design:paramtypes', [A], B);
    expect(messages(A)).toEqual([
      'B: expected dependencies without a cycle, found A → B → A. Break it where it matters least, here with @inject(delay(() => A)) on constructor parameter 1 (needed as A → B).',
    ]);

    class C {
      constructor(readonly d: D) {}
      readonly name = 'c';
    }
    class D {
      constructor(readonly c: C) {}
    }
    Reflect.defineMetadata('design:paramtypes', [D], C);
    Reflect.defineMetadata('design:paramtypes', [Object], D);
    inject(delay(() => C))(D, undefined, 0);
    const c = made(new Container(), C);
    expect(c.d.c.name).toBe('c');
  });

  it('names a singleton that would capture what is made for one request', () => {
    @scoped(3)
    class Session {}
    @injectable()
    class Cart {
      constructor(readonly session: Session) {}
    }
    onTestFinished(() => root.reset());
    expect(messages(Cart)).toEqual([
      "Cart: expected a singleton, which depends on singletons only, found the request-scoped Session as constructor parameter 1. The first request's Session would serve every later one: make Cart request-scoped too, with @requestScoped(), or { scope: 'request' } on a controller.",
    ]);
    const container = new Container();
    expect(container.prove(Cart, 'request')).toEqual([]);
    container.makeSingletons();
    const [a, b] = [container.child(...exchange), container.child(...exchange)];
    expect(a.resolve(Cart)).toBe(a.resolve(Cart));
    expect(a.resolve(Cart).session).not.toBe(b.resolve(Cart).session);
  });

  it('is thrown where a constructor throws, as the cause', () => {
    class A {
      constructor() {
        throw new Error('no database');
      }
    }
    const container = new Container();
    container.prove(A);
    expect(() => container.makeSingletons()).toThrow(BootError);
    expect(() => container.makeSingletons()).toThrow(expect.objectContaining({ cause: new Error('no database') }));
  });
});
