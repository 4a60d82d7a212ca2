/** Marks a class as a controller. */

import type { FitsPrefix } from './fits.js';
import type { Class } from './injected.js';
import { recordsFor, type Scope } from './metadata.js';

/** How a controller is made. */
export interface ControllerOptions {
  /**
   * `'singleton'`: one instance, made at boot. `'request'`: one for every request to its routes, from a container
   * of that request's own. Default `'singleton'`.
   */
  readonly scope?: Scope;
}

/**
 * Marks a class as a controller whose paths all start with `prefix`.
 * Its constructor parameters are injected. A subclass inherits routes and carries a `@Controller` of its own.
 */
export function Controller<Prefix extends string = ''>(
  prefix: Prefix & FitsPrefix<Prefix> = '' as Prefix & FitsPrefix<Prefix>,
  options: ControllerOptions = {},
): (target: Class) => void {
  return (target) => {
    recordsFor(target).controllers.unshift({ prefix, scope: options.scope ?? 'singleton' });
  };
}
