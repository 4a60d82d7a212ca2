/** Lets the benchmark collect garbage in a server, and profile it. Loaded before the server's own script. */

import { type Profiler, Session } from 'node:inspector/promises';

export type Wish = 'collect' | 'start-profile' | 'stop-profile';
export type CpuProfile = Profiler.Profile;

/** Microseconds between two samples. */
const SAMPLING_INTERVAL_US = 200;

const session = new Session();

const grant: Readonly<Record<Wish, () => Promise<unknown>>> = {
  async collect() {
    // Twice: what a finalizer held goes with the second.
    globalThis.gc?.();
    globalThis.gc?.();
  },
  async 'start-profile'() {
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: SAMPLING_INTERVAL_US });
    await session.post('Profiler.start');
  },
  async 'stop-profile'() {
    return (await session.post('Profiler.stop')).profile;
  },
};

process.on('message', (wish: Wish) => {
  grant[wish]().then((result) => process.send?.({ result }));
});
