/** Remembers the other devices that announce themselves. */

export interface Neighbour {
  readonly name: string;
  readonly location: string;
  readonly server: string;
}

/** Devices that are remembered: whoever is in the network can make up any number. */
const MAX_NEIGHBOURS = 50;
const MAX_TEXT = 200;

export class Neighbours {
  readonly #byName = new Map<string, Neighbour & { readonly until: number }>();

  /** Those whose announcement still counts. */
  all(): Neighbour[] {
    const now = Date.now();
    for (const [name, { until }] of this.#byName) if (until < now) this.#byName.delete(name);
    return [...this.#byName.values()].map(({ name, location, server }) => ({ name, location, server }));
  }

  /** `ageS` is for how many seconds the announcement counts. Gives whether it was unknown. */
  arrive({ name, location, server }: Neighbour, ageS: number): boolean {
    const isNew = !this.#byName.has(name);
    // Again at the end: the one that was heard longest ago goes first.
    this.#byName.delete(name);
    const [oldest] = this.#byName.keys();
    if (this.#byName.size >= MAX_NEIGHBOURS && oldest !== undefined) this.#byName.delete(oldest);
    this.#byName.set(name, {
      name: name.slice(0, MAX_TEXT),
      location: location.slice(0, MAX_TEXT),
      server: server.slice(0, MAX_TEXT),
      until: Date.now() + ageS * 1_000,
    });
    return isNew;
  }

  /** Gives whether it was known. */
  leave(name: string): boolean {
    return this.#byName.delete(name);
  }
}
