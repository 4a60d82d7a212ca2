import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { BootError, bootstrap, Controller, createApp, Get, injectable, MemorySocket } from '../../src/index.js';

class Log {
  readonly lines: string[] = [];
}

@injectable()
class Store {
  constructor(private readonly log: Log) {}

  async onStart(): Promise<void> {
    await Promise.resolve();
    this.log.lines.push('store started');
  }

  dispose(): void {
    this.log.lines.push('store disposed');
  }

  read(): string {
    return 'stored';
  }
}

@Controller('/things')
class ThingController {
  constructor(
    private readonly store: Store,
    readonly log: Log,
  ) {}

  @Get()
  read(): string {
    return this.store.read();
  }

  onStart(): void {
    this.log.lines.push('controller started');
  }

  dispose(): void {
    this.log.lines.push('controller disposed');
  }
}

describe('createApp', () => {
  it('builds everything and opens no port', async () => {
    const app = await createApp({ controllers: [ThingController] });
    expect(app.url).toBe('');
    expect(app.server.port).toBe(0);
    expect(await (await app.inject({ url: '/things' })).text()).toBe('stored');
    await app.close();
  });

  it('gives the frozen route table', async () => {
    await using app = await createApp({ controllers: [ThingController] });
    expect(app.routes).toMatchObject([{ method: 'GET', pattern: '/things', place: 'ThingController.read' }]);
    expect(Object.isFrozen(app.routes)).toBe(true);
  });

  it('starts dependencies before what depends on them, and disposes them after it', async () => {
    const app = await createApp({ controllers: [ThingController] });
    const { lines } = app.container.resolve(Log);
    expect(lines).toEqual(['store started', 'controller started']);
    await app.close();
    expect(lines.slice(2)).toEqual(['controller disposed', 'store disposed']);
  });

  it('shares no instance between two applications', async () => {
    await using first = await createApp({ controllers: [ThingController] });
    await using second = await createApp({ controllers: [ThingController] });
    expect(first.container.resolve(Log)).not.toBe(second.container.resolve(Log));
  });

  it('injects a double for a token', async () => {
    const double = { read: () => 'double' };
    await using app = await createApp({ controllers: [ThingController], providers: [{ token: Store, value: double }] });
    expect(await (await app.inject({ url: '/things' })).text()).toBe('double');
  });

  it('refuses an option that it does not know, by name', async () => {
    await expect(createApp({ controllers: [], maxBodysize: 1 } as never)).rejects.toThrow(
      'Opts: unknown option "maxBodysize"; known are env, backlog, logger, maxHeaderSize',
    );
  });

  it('disposes what was started when a start fails, and opens no port', async () => {
    class Failing {
      onStart(): void {
        throw new Error('no database');
      }
    }
    @Controller('/failing')
    class FailingController {
      constructor(
        readonly store: Store,
        readonly failing: Failing,
      ) {}
      @Get()
      read(): string {
        return '';
      }
    }
    const log = new Log();
    const starting = createApp({ controllers: [FailingController], providers: [{ token: Log, value: log }] });
    await expect(starting).rejects.toThrow('no database');
    expect(log.lines).toEqual(['store started', 'store disposed']);
  });
});

describe('bootstrap', () => {
  it('serves on a free port, and tells its address', async () => {
    await using app = await bootstrap({ controllers: [ThingController], port: 0, host: '127.0.0.1' });
    expect(app.url).toBe(`http://127.0.0.1:${app.server.port}`);
    expect(await (await fetch(`${app.url}/things`)).text()).toBe('stored');
  });

  it.each([
    ['0.0.0.0', /^http:\/\/localhost:\d+$/],
    ['::1', /^http:\/\/\[::1\]:\d+$/],
  ])('tells an address for %s that a browser can open', async (host, url) => {
    await using app = await bootstrap({ controllers: [], port: 0, host });
    expect(app.url).toMatch(url);
  });

  it('serves on the socket that it is given', async () => {
    const socket = new MemorySocket();
    await using app = await bootstrap({ controllers: [ThingController], socket, port: 0 });
    expect(await (await app.inject({ url: '/things' })).text()).toBe('stored');
    const client = socket.connect();
    client.write('GET /things HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    const [chunk] = await once(client, 'data');
    expect(String(chunk)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    client.destroy();
  });

  it('rejects with what the socket says, and disposes what was made', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const log = new Log();
    const providers = [{ token: Log, value: log }];
    const starting = bootstrap({ controllers: [ThingController], providers, port, host: '127.0.0.1' });
    await expect(starting).rejects.toMatchObject({ code: 'EADDRINUSE', port });
    expect(log.lines.slice(-2)).toEqual(['controller disposed', 'store disposed']);
    taken.close();
  });

  it('opens no port where boot finds a mistake', async () => {
    const socket = new MemorySocket();
    const bind = vi.spyOn(socket, 'bind');
    await expect(bootstrap({ controllers: [class Undecorated {}], socket })).rejects.toBeInstanceOf(BootError);
    expect(bind).not.toHaveBeenCalled();
  });

  it('prints the route table in debug, and nothing in production', async () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    try {
      await (await bootstrap({ controllers: [ThingController], socket: new MemorySocket() })).close();
      expect(write).not.toHaveBeenCalled();
      await (await bootstrap({ controllers: [ThingController], socket: new MemorySocket(), env: 'debug' })).close();
      expect(write.mock.calls.join('')).toBe('GET  /things  ThingController.read\n');
    } finally {
      write.mockRestore();
    }
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('drains at %s, and leaves no listener behind', async (signal) => {
    const before = process.listenerCount(signal);
    const app = await bootstrap({ controllers: [ThingController], socket: new MemorySocket() });
    expect(process.listenerCount(signal)).toBe(before + 1);
    process.emit(signal, signal);
    await app.close();
    expect(process.listenerCount(signal)).toBe(before);
    expect(app.container.resolve(Log).lines).toContain('store disposed');
  });
});
