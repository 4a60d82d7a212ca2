/** Words greetings. Made once, and injected into whatever asks for one in its constructor. */

import type { Greeting, NewGreeting } from './greeting.js';

export class Greeter {
  greet({ name, shout }: NewGreeting): Greeting {
    const text = `Hello ${name}!`;
    return { text: shout ? text.toUpperCase() : text };
  }
}
