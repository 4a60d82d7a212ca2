/** Lets changes happen one after the other. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `change` once all that came before has ended, well or not. */
  run<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(change);
    this.#last = turn.catch(() => {});
    return turn;
  }
}
