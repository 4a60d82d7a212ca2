/** Disposes instances, whichever way they offer. */

/** Whether an instance has anything to dispose. */
export function isDisposable(instance: object): boolean {
  return disposerOf(instance) !== undefined;
}

/**
 * Disposes instances, the last first: `Symbol.asyncDispose`, `Symbol.dispose` or `dispose()`. All are tried.
 *
 * @throws AggregateError of what they threw.
 */
export async function disposeAll(made: Iterable<object>): Promise<void> {
  const errors: unknown[] = [];
  for (const instance of [...made].reverse()) {
    try {
      await disposerOf(instance)?.call(instance);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, 'Some instances could not be disposed');
}

function disposerOf(instance: object): (() => unknown) | undefined {
  const { dispose } = instance as { readonly dispose?: unknown };
  const disposable = instance as Partial<AsyncDisposable & Disposable>;
  if (typeof disposable[Symbol.asyncDispose] === 'function') return disposable[Symbol.asyncDispose];
  if (typeof disposable[Symbol.dispose] === 'function') return disposable[Symbol.dispose];
  return typeof dispose === 'function' && dispose.length === 0 ? (dispose as () => unknown) : undefined;
}
