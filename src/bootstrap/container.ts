/** Makes instances, through tsyringe: the one file that imports it. */

import '../decorators/metadata.js';
import {
  type DependencyContainer,
  delay,
  type InjectionToken,
  injectable,
  instanceCachingFactory,
  Lifecycle,
  container as root,
  scoped,
} from 'tsyringe';
import type { Class } from '../decorators/injected.js';
import { type AnyClass, constructorTypes, injectedTokens, type Scope } from '../decorators/metadata.js';
import { Request } from '../http/request.js';
import { Response } from '../http/response.js';
import {
  type Asked,
  type Chain,
  captured,
  cycle,
  erased,
  fetchGlobal,
  nameOf,
  primitive,
  undefinedType,
  unregistered,
  untyped,
} from './checks/dependency-findings.js';
import { BootError, type Finding, finding } from './checks/finding.js';
import { disposeAll } from './dispose.js';
import { type Maker, type RequestContainer, RequestScope, type Supply } from './request-scope.js';

// tsyringe demands Reflect's metadata when it is loaded: imported from here, it always finds it.
export { delay, inject, injectable, scoped, singleton } from 'tsyringe';

/** Makes a class anew for every request that needs it; `Request` and `Response` can be injected into it. */
export function requestScoped(): (target: Class) => void {
  return scoped(Lifecycle.ContainerScoped) as (target: Class) => void;
}

/** What a dependency is asked for by. An abstract class stands for the class that a provider gives. */
export type Token<T = unknown> = (abstract new (...dependencies: never[]) => T) | string | symbol;

/** Gives the instance of a token. */
export type Resolve = <T>(token: Token<T>) => T;

/** Says what a token stands for, made at most once an application. A value stays its owner's to dispose. */
export type Provider<T = unknown> = { readonly token: Token<T> } & (
  | { readonly value: T }
  | { readonly class: Class<T & object> }
  | {
      /** Makes it, from what `resolve` gives. */
      readonly factory: (resolve: Resolve) => T;
    }
);

/** What tsyringe keeps about a token: the part of its registration that is read here. */
interface Registration {
  readonly provider: { readonly useClass?: AnyClass; readonly useToken?: unknown; readonly useFactory?: unknown };
  readonly options: { readonly lifecycle: Lifecycle };
}

/** What tsyringe's `@inject` and its like leave in the place of a type. */
interface InjectDescriptor {
  readonly token?: unknown;
  readonly multiple?: boolean;
  readonly isOptional?: boolean;
  readonly transform?: unknown;
}

/** Stands for makers that could not be built. */
const UNKNOWN: ReadonlyMap<unknown, Maker> = new Map();

const PRIMITIVES: ReadonlySet<unknown> = new Set([
  String,
  Number,
  Boolean,
  BigInt,
  Symbol,
  Array,
  Date,
  Promise,
  Map,
  Set,
]);
const DelayedConstructor = delay(() => Object).constructor as new () => { wrap(): AnyClass | undefined };

/**
 * The instances of one application. Every class is a singleton of it unless it was registered otherwise; one
 * application shares nothing with the next. A child of tsyringe's own container, so what was registered there is found.
 */
export class Container {
  readonly #container: DependencyContainer = root.createChildContainer();
  /** Knows the request-scoped classes alone: a child for one request copies all that its parent has registered. */
  readonly #scoped = emptyChild(this.#container);
  /** What was made, in that order. */
  readonly #made = new Set<object>();
  readonly #proved = new Set<AnyClass>();
  /** Proved singletons, each after what it depends on. */
  readonly #singletons: AnyClass[] = [];
  /** Each with the tokens of its constructor. */
  readonly #requestScoped = new Map<AnyClass, readonly unknown[]>();
  #makers: ReadonlyMap<unknown, Maker> | undefined = undefined;

  constructor(providers: readonly Provider[] = []) {
    for (const provider of providers) this.register(provider);
  }

  /** Says what a token stands for, in the place of what was said before. */
  register(provider: Provider): void {
    const token = tokenOf(provider.token);
    if ('value' in provider) {
      this.#container.register(token, { useValue: provider.value });
    } else if ('class' in provider) {
      // By its own token, so that asking for the class and for the token gives one instance.
      this.#container.register(token, { useToken: tokenOf(provider.class) });
    } else {
      const make = instanceCachingFactory(() => provider.factory((asked) => this.#resolveNow(asked)));
      this.#container.register(token, { useFactory: make });
      this.#remember(this.#container, token, this.#made);
    }
  }

  /**
   * Walks the constructors from `made`, registers what is not registered yet, and lists every dependency that could
   * not be resolved. Nothing is made.
   */
  prove(made: AnyClass, scope: Scope = 'singleton'): Finding[] {
    const findings: Finding[] = [];
    if (scope === 'request' && !this.#isRegistered(made)) this.#registerScoped(made);
    this.#proveClass(made, { chain: [], index: 0, scope }, findings);
    return findings;
  }

  /** Whether a class that was proved is made for every request. */
  isRequestScoped(made: AnyClass): boolean {
    return this.#requestScoped.has(made);
  }

  /**
   * Makes every singleton that was proved, dependencies first.
   *
   * @throws BootError with what a constructor threw.
   */
  makeSingletons(): void {
    for (const made of this.#singletons) {
      try {
        this.#container.resolve(tokenOf(made));
      } catch (error) {
        const said = error instanceof Error ? error.message : String(error);
        const remedy = 'Boot makes every singleton once, before a port is opened.';
        throw new BootError([finding(nameOf(made), 'a constructor that returns', `one that threw: ${said}`, remedy)], {
          cause: error,
        });
      }
    }
  }

  /** Awaits `onStart()` of everything that was made, in that order. What one throws is thrown: dispose then. */
  async start(): Promise<void> {
    for (const instance of this.#made) {
      const { onStart } = instance as { readonly onStart?: unknown };
      if (typeof onStart === 'function') await onStart.call(instance);
    }
  }

  /** Gives the instance of a class that was proved. */
  resolve<T extends object>(made: Class<T>): T {
    return this.#container.resolve(tokenOf<T>(made));
  }

  /** Makes a container for one request. */
  child(req: Request, res: Response): RequestContainer {
    this.#makers ??= this.#buildMakers();
    return this.#makers === UNKNOWN ? this.#tsyringeChild(req, res) : new RequestScope(this.#makers, req, res);
  }

  /**
   * Disposes what was made, the last first: `Symbol.asyncDispose`, `Symbol.dispose` or `dispose()`. All are tried.
   *
   * @throws AggregateError of what they threw.
   */
  dispose(): Promise<void> {
    const made = [...this.#made];
    this.#made.clear();
    return disposeAll(made);
  }

  /** A child of tsyringe's, for what only tsyringe knows how to make. */
  #tsyringeChild(req: Request, res: Response): RequestContainer {
    const child = this.#scoped.createChildContainer();
    const made = new Set<object>();
    for (const scoped of this.#requestScoped.keys()) this.#remember(child, tokenOf(scoped), made);
    child.registerInstance(tokenOf<Request>(Request), req);
    child.registerInstance(tokenOf<Response>(Response), res);
    return {
      resolve: (asked) => child.resolve(tokenOf(asked)),
      dispose: () => (made.size === 0 ? undefined : disposeAll(made)),
    };
  }

  /** Builds how every request-scoped class is made. `UNKNOWN` where one of them needs tsyringe itself. */
  #buildMakers(): ReadonlyMap<unknown, Maker> {
    const makers = new Map<unknown, Maker>();
    for (const made of this.#requestScoped.keys()) {
      makers.set(made, { slot: makers.size, made: made as Constructor, supplies: [] });
    }
    for (const [made, maker] of makers) {
      const supplies = this.#requestScoped.get(made as AnyClass)?.map((token) => this.#supplyOf(token, makers)) ?? [];
      if (supplies.includes(undefined)) return UNKNOWN;
      maker.supplies = supplies as Supply[];
    }
    return makers;
  }

  #supplyOf(token: unknown, makers: ReadonlyMap<unknown, Maker>): Supply | undefined {
    if (token === Request) return (scope) => scope.req;
    if (token === Response) return (scope) => scope.res;
    if (typeof token === 'object' && token !== null) {
      const { token: inner, multiple, isOptional, transform } = token as InjectDescriptor;
      if (inner === undefined || multiple || transform !== undefined) return undefined;
      return isOptional && !this.#isRegistered(inner) ? () => undefined : this.#supplyOf(inner, makers);
    }
    const maker = makers.get(token);
    if (maker !== undefined) return (scope) => scope.make(maker);
    const known = this.#registrationOf(token);
    if (known?.provider.useToken !== undefined) return this.#supplyOf(known.provider.useToken, makers);
    // What is neither one nor made for everybody is made for whoever asks, maybe of what is request-scoped.
    const isOne = known !== undefined && (!known.provider.useClass || known.options.lifecycle === Lifecycle.Singleton);
    if (!isOne) return undefined;
    if (known.provider.useFactory !== undefined) return () => this.#container.resolve(tokenOf(token));
    const instance = this.#container.resolve(tokenOf(token));
    return () => instance;
  }

  /** Resolves what a factory asks for, which no constructor shows. */
  #resolveNow<T>(asked: Token<T>): T {
    const findings: Finding[] = [];
    this.#proveToken(asked, { chain: [], index: 0, scope: 'singleton' }, findings);
    if (findings.length > 0) throw new Error(findings.map(({ message }) => message).join('\n'));
    return this.#container.resolve(tokenOf<T>(asked));
  }

  /** A dependency is remembered before what depends on it: it is resolved first. */
  #remember(container: DependencyContainer, token: InjectionToken, made: Set<object>): void {
    const remember = (_token: unknown, instance: unknown) => {
      if (typeof instance === 'object' && instance !== null) made.add(instance);
    };
    container.afterResolution(token, remember, { frequency: 'Once' });
  }

  #proveClass(made: AnyClass, asked: Asked, findings: Finding[]): void {
    const cycleStart = asked.chain.indexOf(made);
    if (cycleStart >= 0) {
      findings.push(cycle(asked, [...asked.chain.slice(cycleStart), made]));
      return;
    }
    const known = this.#registrationOf(made);
    if (known?.provider.useToken !== undefined) {
      this.#proveToken(known.provider.useToken, asked, findings);
      return;
    }
    // A value or a factory: what it depends on is its own affair.
    if (known !== undefined && known.provider.useClass === undefined) return;
    const scope = scopeOf(known, asked.scope);
    if (asked.chain.length > 0 && asked.scope === 'singleton' && scope === 'request')
      findings.push(captured(asked, made));
    if (this.#proved.has(made)) return;
    this.#proved.add(made);
    const target = known?.provider.useClass ?? made;
    const chain = [...asked.chain, made];
    const tokens = this.#readTokens(target, chain, findings);
    this.#registerClass(made, known);
    if (this.#requestScoped.has(made)) this.#requestScoped.set(made, tokens);
    tokens.forEach((token, index) => {
      this.#proveToken(token, { chain, index, scope }, findings);
    });
    if (scope === 'singleton' && this.#container.isRegistered(tokenOf(made))) this.#singletons.push(made);
  }

  #registerClass(made: AnyClass, known: Registration | undefined): void {
    const lifecycle = known === undefined ? Lifecycle.Singleton : known.options.lifecycle;
    if (lifecycle === Lifecycle.ContainerScoped) {
      this.#registerScoped(made);
    } else if (this.#container.isRegistered(tokenOf(made))) {
      return;
    } else if (lifecycle === Lifecycle.Singleton && (known === undefined || known.provider.useClass === made)) {
      // Also what @singleton() put into tsyringe's own container, which every application of the process would share.
      this.#container.registerSingleton(made as Constructor);
      this.#remember(this.#container, tokenOf(made), this.#made);
    }
  }

  #registerScoped(made: AnyClass): void {
    if (this.#requestScoped.has(made)) return;
    this.#scoped.register(tokenOf(made), made as Constructor, { lifecycle: Lifecycle.ContainerScoped });
    this.#requestScoped.set(made, []);
  }

  /** The tokens of the constructor's parameters, once tsyringe knows them too. */
  #readTokens(target: AnyClass, chain: Chain, findings: Finding[]): readonly unknown[] {
    const types = constructorTypes(target);
    const injected = injectedTokens(target);
    const count = Math.max(target.length, types?.length ?? 0);
    const tokens = Array.from({ length: count }, (_none, i) => injected[i] ?? types?.[i]);
    if (types === undefined && tokens.includes(undefined)) {
      findings.push(untyped(target, chain));
      return [];
    }
    if (count > 0) injectable()(target as Constructor);
    return tokens;
  }

  #proveToken(token: unknown, asked: Asked, findings: Finding[]): void {
    if (token instanceof DelayedConstructor) {
      this.#proveDelayed(token.wrap(), asked, findings);
    } else if (typeof token === 'object' && token !== null && 'token' in token) {
      // What @inject leaves. Other decorators of tsyringe leave more, which resolves the same token.
      const { isOptional } = token as { readonly isOptional?: boolean };
      if (!isOptional || this.#isRegistered(token.token)) this.#proveToken(token.token, asked, findings);
    } else if (typeof token === 'string' || typeof token === 'symbol') {
      const stands = this.#registrationOf(token)?.provider;
      if (stands === undefined) findings.push(unregistered(asked, token));
      else if (stands.useToken !== undefined) this.#proveToken(stands.useToken, asked, findings);
      else if (stands.useClass !== undefined) this.#proveClass(stands.useClass, asked, findings);
    } else if (token === undefined || token === null) {
      findings.push(undefinedType(asked));
    } else if (token === Request || token === Response) {
      if (asked.scope === 'singleton') findings.push(captured(asked, token as AnyClass));
    } else if (isOfFetch(token)) {
      findings.push(fetchGlobal(asked, token as AnyClass));
    } else if (this.#isRegistered(token)) {
      this.#proveClass(token as AnyClass, asked, findings);
    } else if (typeof token !== 'function' || token === Object || token === Function) {
      findings.push(erased(asked));
    } else if (PRIMITIVES.has(token)) {
      findings.push(primitive(asked, token));
    } else {
      this.#proveClass(token, asked, findings);
    }
  }

  /** A delayed class is resolved when it is first used, which is what breaks a cycle: it starts a chain of its own. */
  #proveDelayed(made: AnyClass | undefined, asked: Asked, findings: Finding[]): void {
    if (made === undefined) findings.push(undefinedType(asked));
    else if (!this.#proved.has(made)) this.#proveClass(made, { ...asked, chain: [] }, findings);
  }

  #isRegistered(token: unknown): boolean {
    return this.#scoped.isRegistered(tokenOf(token), true);
  }

  /** tsyringe tells whether a token is registered, but keeps how to itself. */
  #registrationOf(token: unknown): Registration | undefined {
    if (!this.#isRegistered(token)) return undefined;
    const reader = this.#scoped as unknown as { getRegistration(token: unknown): Registration };
    return reader.getRegistration(token);
  }
}

/** Makes a child without what its parent would have it copy, whoever registered it: what is needed is registered anew. */
function emptyChild(parent: DependencyContainer): DependencyContainer {
  const child = parent.createChildContainer();
  child.reset();
  return child;
}

type Constructor = new (...dependencies: unknown[]) => object;

/** A token as tsyringe declares it. */
function tokenOf<T = unknown>(token: unknown): InjectionToken<T> {
  return token as InjectionToken<T>;
}

/** Whether this is a global of fetch. Looked at by name first: the first look at the global loads all of fetch, 46 ms. */
function isOfFetch(token: unknown): boolean {
  if (typeof token !== 'function') return false;
  return (
    (token.name === 'Request' && token === globalThis.Request) ||
    (token.name === 'Response' && token === globalThis.Response)
  );
}

function scopeOf(known: Registration | undefined, asked: Scope): Scope {
  switch (known?.options.lifecycle ?? Lifecycle.Singleton) {
    case Lifecycle.Singleton:
      return 'singleton';
    case Lifecycle.ContainerScoped:
      return 'request';
    default:
      // Made for whoever asks, so it lives as long.
      return asked;
  }
}
