/**
 * Serves requests to a decorated controller and prints what the engine made of it, as JSON. Run by the spec beside it
 * with --allow-natives-syntax, --expose-gc and --trace-deopt: whatever is deoptimised after the line "warm" shows there.
 * The argument is the folder of the compiled sources.
 */

import { writeSync } from 'node:fs';
import { Duplex } from 'node:stream';
import { getHeapStatistics } from 'node:v8';

// Not JavaScript, so no tool that reads this file need know it.
const haveSameMap = new Function('a', 'b', 'return %HaveSameMap(a, b)');
const { Controller, createApp, Get } = await import(`${process.argv[2]}/index.js`);

class Greeter {
  greet() {
    return 'Hello world!';
  }
}

class HelloController {
  constructor(greeter) {
    this.greeter = greeter;
  }

  hello() {
    return this.greeter.greet();
  }
}
// What the compiler would emit.
Reflect.defineMetadata('design:paramtypes', [Greeter], HelloController);
Get('/')(HelloController.prototype, 'hello', Object.getOwnPropertyDescriptor(HelloController.prototype, 'hello'));
Controller()(HelloController);

const seen = [];
const app = await createApp({
  controllers: [HelloController],
  use: [
    (req, res, next) => {
      if (seen.length < 2) seen.push([req, res]);
      return next(req, res);
    },
  ],
});

let writes = 0;
/** A client that takes everything at once. */
const client = new Duplex({
  read() {},
  write(_chunk, _encoding, done) {
    writes++;
    done();
  },
  decodeStrings: false,
  allowHalfOpen: true,
});
void app.server._tick(client);

const BATCH = 16;
const batch = Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(BATCH));
async function serve(requests) {
  for (let left = requests; left > 0; left -= BATCH) {
    client.push(batch);
    // The stream hands on what was pushed in this turn or the next.
    await new Promise(setImmediate);
  }
}

await serve(60_000);
// Past console: its streams would teach the functions of ours another shape.
writeSync(1, 'warm\n');
writes = 0;
await serve(BATCH);
const writesPerBatch = writes;

const ROUNDS = 10;
const REQUESTS = 10_000;
const bytes = [];
for (let round = 0; round < ROUNDS; round++) {
  globalThis.gc();
  const before = getHeapStatistics().used_heap_size;
  await serve(REQUESTS);
  bytes.push((getHeapStatistics().used_heap_size - before) / REQUESTS);
}
bytes.sort((a, b) => a - b);

const [[firstReq, firstRes], [secondReq, secondRes]] = seen;
const findings = {
  sameRequestShape: haveSameMap(firstReq, secondReq),
  sameResponseShape: haveSameMap(firstRes, secondRes),
  writesPerBatch,
  bytesPerRequest: bytes[ROUNDS >> 1],
};
writeSync(1, `\nfindings ${JSON.stringify(findings)}\n`);
process.exit();
