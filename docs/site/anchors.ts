/** Names the headings of one document as the forges do, so that a link holds on both. */

export class Anchors {
  readonly #times = new Map<string, number>();

  /** The name of the next heading: a second one of the same text is counted. */
  next(title: string): string {
    const name = title
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-');
    const times = this.#times.get(name) ?? 0;
    this.#times.set(name, times + 1);
    return times === 0 ? name : `${name}-${times}`;
  }
}
