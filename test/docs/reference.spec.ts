import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Opts, Server } from '../../src/index.js';
import { testGuide } from './guide.js';

const guide = await testGuide('reference.md');

describe('the reference', () => {
  it('has a Server that answers', async () => {
    // The example listens where a reader can ask it, and serves until its end: here it is any port, and nobody waits.
    const { listen, run } = Server.prototype;
    const listens = vi.spyOn(Server.prototype, 'listen').mockImplementation(function (this: Server) {
      return listen.call(this, 0);
    });
    vi.spyOn(Server.prototype, 'run').mockImplementation(async function (this: Server) {
      void run.call(this);
    });
    onTestFinished(() => void vi.restoreAllMocks());
    await guide.load('server.ts');
    const [server] = listens.mock.contexts as [Server];
    expect(await (await fetch(`http://127.0.0.1:${server.port}/hello/Ada`)).text()).toBe('Hello Ada!');
    await server.close();
  });

  it('lists every option with its default', () => {
    const { logger: _logger, ...opts } = Opts.new();
    for (const [name, value] of Object.entries(opts)) {
      const byDefault = name === 'workers' ? 'none' : '511';
      const shown = value === undefined ? byDefault : value === Number.POSITIVE_INFINITY ? 'none' : String(value);
      expect(guide.text).toMatch(new RegExp(`^\\| \`${name}\` \\| \`?${shown}\`? \\|`, 'm'));
    }
  });
});
