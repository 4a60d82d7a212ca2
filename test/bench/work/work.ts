/** Does what every server is asked to do, so that they differ in nothing but themselves. */

import type { NewOrder } from './new-order.js';

export const GREETING = 'Hello world!';

export class Greeter {
  greet(): string {
    return GREETING;
  }
}

export interface User {
  readonly id: number;
  readonly name: string;
  readonly roles: readonly string[];
}

export class Users {
  find(id: number): User {
    return { id, name: 'Ada Lovelace', roles: ['admin', 'author'] };
  }
}

export interface PlacedOrder {
  readonly id: number;
  readonly lines: number;
  readonly total: number;
}

export class Orders {
  #last = 0;

  place(order: NewOrder): PlacedOrder {
    let total = 0;
    for (const { quantity, price } of order.items) total += quantity * price;
    this.#last = (this.#last + 1) % 1000;
    return { id: this.#last, lines: order.items.length, total };
  }
}

/** Resources of the application with 300 routes: a list, an entry and its history each. */
export const RESOURCES: readonly string[] = Array.from({ length: 100 }, (_, i) => `resource-${i}`);

/** Middleware functions around the route that has some. */
export const STEPS = 5;

interface Article {
  readonly id: number;
  readonly title: string;
  readonly text: string;
}

function articles(sentence: string): readonly Article[] {
  const text = sentence.repeat(Math.floor(4030 / Buffer.byteLength(sentence)));
  return Array.from({ length: 16 }, (_, i) => ({ id: i + 1, title: `Article ${i + 1}`, text }));
}

/** Some 64 KiB of articles, as objects and as JSON text that was made before. */
export class Library {
  readonly plain = articles('Plain words, and then a few more of them. ');
  readonly plainJson = JSON.stringify(this.plain);
  readonly foreignJson = JSON.stringify(articles('Grüße aus Köln, 東京 und 서울: ein Satz. '));
}

/** Pieces of the streamed answer, and what one of them is. */
export const PIECES = 1000;

export class Ticker {
  async *ticks(): AsyncGenerator<string, void> {
    for (let i = 0; i < PIECES; i++) yield `tick ${i}\n`;
  }
}
