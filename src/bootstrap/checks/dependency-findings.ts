/** Words what the container finds wrong with a dependency. */

import { type AnyClass, ownRecords, type Scope } from '../../decorators/metadata.js';
import { type Finding, finding as findingAt } from './finding.js';

/** Who needs whom: `TodoController → TodoStore`. */
export type Chain = readonly AnyClass[];

/** Where a dependency is asked for: parameter `index` of the last class of `chain`. */
export interface Asked {
  readonly chain: Chain;
  readonly index: number;
  readonly scope: Scope;
}

export function nameOf(token: unknown): string {
  return typeof token === 'function' ? token.name || '(anonymous class)' : String(token);
}

function spell(chain: Chain): string {
  return chain.map(nameOf).join(' → ');
}

/** Finds something about a class, or about the one that asks. */
function finding(subject: AnyClass | Asked, expected: string, found: string, remedy: string): Finding {
  const subjectClass = typeof subject === 'function' ? subject : subject.chain.at(-1);
  return findingAt(subjectClass ?? nameOf(subjectClass), expected, found, remedy);
}

/** The class that asks is the place; how it is reached follows, where that is not plain. */
function place(asked: Asked): string {
  return nameOf(asked.chain.at(-1));
}

function parameter(asked: Asked): string {
  const through = asked.chain.length > 1 ? ` (needed as ${spell(asked.chain)})` : '';
  return `constructor parameter ${asked.index + 1}${through}`;
}

export function cycle(asked: Asked, chain: Chain): Finding {
  return finding(
    asked,
    'dependencies without a cycle',
    spell(chain),
    `Break it where it matters least, here with @inject(delay(() => ${nameOf(chain[0])})) on ${parameter(asked)}.`,
  );
}

export function captured(asked: Asked, made: AnyClass): Finding {
  return finding(
    asked,
    'a singleton, which depends on singletons only',
    `the request-scoped ${nameOf(made)} as ${parameter(asked)}`,
    `The first request's ${nameOf(made)} would serve every later one: make ${place(asked)} request-scoped too, with @requestScoped(), or { scope: 'request' } on a controller.`,
  );
}

export function fetchGlobal(asked: Asked, made: AnyClass): Finding {
  return finding(
    asked,
    `the ${nameOf(made)} of luminaire as ${parameter(asked)}`,
    `the global ${nameOf(made)} of fetch`,
    `Import it: import { ${nameOf(made)} } from 'luminaire'.`,
  );
}

export function untyped(target: AnyClass, chain: Chain): Finding {
  const hasDecorators = ownRecords(target) !== undefined;
  const through = chain.length > 1 ? ` (needed as ${spell(chain)})` : '';
  return finding(
    target,
    `the emitted types of its constructor's parameters${through}`,
    'none',
    hasDecorators
      ? 'The compiler drops them: set "emitDecoratorMetadata": true for tsc, or "decoratorMetadata": true for swc; esbuild and tsx cannot emit them.'
      : `They are emitted only for a decorated class: write @injectable() above ${nameOf(target)}; if it is there, set "emitDecoratorMetadata": true for tsc, or "decoratorMetadata": true for swc.`,
  );
}

export function unregistered(asked: Asked, token: string | symbol): Finding {
  const spelt = typeof token === 'string' ? `'${token}'` : token.description ? token.description : 'the symbol';
  return finding(
    asked,
    `something registered as ${spelt} for ${parameter(asked)}`,
    'nothing',
    `Add { token: ${spelt}, value: ... } to the providers of bootstrap.`,
  );
}

export function undefinedType(asked: Asked): Finding {
  return finding(
    asked,
    `a class as ${parameter(asked)}`,
    'nothing yet',
    'Its module was not evaluated yet, because the two import each other: move one of the classes, or write @inject(delay(() => TheClass)).',
  );
}

export function erased(asked: Asked): Finding {
  return finding(
    asked,
    `a class as ${parameter(asked)}`,
    'a type that does not exist at run time: an interface, a union, or a class that was imported with "import type"',
    'Import the class as a value, or give the parameter a token: @inject(TOKEN).',
  );
}

export function primitive(asked: Asked, type: unknown): Finding {
  return finding(
    asked,
    `a class as ${parameter(asked)}`,
    nameOf(type),
    'Nothing can be injected by that type: give the parameter a token, @inject(TOKEN), and register its value with the providers of bootstrap.',
  );
}
