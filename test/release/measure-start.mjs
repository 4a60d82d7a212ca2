/** Prints how long an application takes to listen, and what it then occupies, beside a bare server of node:http. */

import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';

const RUNS = 7;

// Both say when they listen. Decorators are written as a compiler writes them: this file is run as it is.
const SUBJECTS = {
  'node:http': `import { createServer } from 'node:http';
    createServer((req, res) => res.end('hello')).listen(0, '127.0.0.1', () => process.stdout.write(String(process.memoryUsage.rss())));`,
  luminaire: `import { bootstrap, Controller, Get } from 'luminaire';
    class Greetings { greet() { return 'hello'; } }
    class Hello { constructor(greetings) { this.greetings = greetings; } hello() { return this.greetings.greet(); } }
    Reflect.defineMetadata('design:paramtypes', [Greetings], Hello);
    Reflect.defineMetadata('design:paramtypes', [], Hello.prototype, 'hello');
    Get('/')(Hello.prototype, 'hello', Object.getOwnPropertyDescriptor(Hello.prototype, 'hello'));
    Controller()(Hello);
    await bootstrap({ controllers: [Hello], port: 0, host: '127.0.0.1' });
    process.stdout.write(String(process.memoryUsage.rss()));`,
};

/** Milliseconds from the start of the process until it listens, and the bytes of memory it then has. */
function start(file) {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.once('data', (rss) => {
      resolve({ ms: performance.now() - begun, bytes: Number(rss) });
      child.kill();
    });
    child.once('exit', () => reject(new Error(`${file} did not listen`)));
  });
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

const found = {};
for (const [name, source] of Object.entries(SUBJECTS)) {
  const file = `start-${name.replace(':', '-')}.mjs`;
  writeFileSync(file, source);
  const runs = [];
  for (let i = 0; i < RUNS; i++) runs.push(await start(file));
  found[name] = { ms: median(runs.map(({ ms }) => ms)), mb: median(runs.map(({ bytes }) => bytes)) / 1e6 };
}
for (const [name, { ms, mb }] of Object.entries(found)) {
  const ratio = (ms / found['node:http'].ms).toFixed(2);
  console.log(`${name}: listens after ${ms.toFixed(0)} ms (${ratio} times node:http), ${mb.toFixed(0)} MB resident`);
}
