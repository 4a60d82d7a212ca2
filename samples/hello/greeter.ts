/** Words the greetings; injected wherever somebody is to be greeted. */
export class Greeter {
  greet(name: string): string {
    return `Hello ${name}!`;
  }
}
