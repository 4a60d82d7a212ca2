import { describe, expect, it } from 'vitest';
import { consoleLogger } from '../../src/server/logger.js';
import { Opts, type ServerOptions } from '../../src/server/opts.js';

describe('Opts.new', () => {
  it('fills in every default', () => {
    expect({ ...Opts.new() }).toEqual({
      env: 'production',
      backlog: undefined,
      logger: consoleLogger,
      maxHeaderSize: 16384,
      maxHeadersCount: 100,
      maxTargetSize: 8192,
      maxBodySize: 1048576,
      headersTimeout: 10000,
      requestTimeout: 60000,
      keepAliveTimeout: 75000,
      writeTimeout: 30000,
      maxConnections: Number.POSITIVE_INFINITY,
      maxRequestsPerConnection: Number.POSITIVE_INFINITY,
      maxConcurrentStreams: 100,
      shutdownTimeout: 10000,
      drainDelay: 0,
      workers: undefined,
      workerStartTimeout: 60000,
      workerHangTimeout: 30000,
    });
  });

  it('takes what it is given', () => {
    expect(
      Opts.new({ env: 'debug', backlog: 5, maxBodySize: 0, keepAliveTimeout: Number.POSITIVE_INFINITY }),
    ).toMatchObject({
      env: 'debug',
      backlog: 5,
      maxBodySize: 0,
      keepAliveTimeout: Number.POSITIVE_INFINITY,
    });
  });

  it('gives options that are checked already as they are', () => {
    const opts = Opts.new({ backlog: 5 });
    expect(Opts.new(opts)).toBe(opts);
  });

  it.each<[options: object, message: string]>([
    [{ env: 'test' }, 'Opts: env must be "debug" or "production", got "test"'],
    [{ port: 80 }, 'Opts: unknown option "port"; known are env, backlog, logger, maxHeaderSize'],
    [{ backlog: 0 }, 'Opts: backlog must be a whole number from 1, got 0'],
    [{ backlog: 1.5 }, 'Opts: backlog must be a whole number from 1, got 1.5'],
    [{ workers: 0 }, 'Opts: workers must be a whole number from 1, or "auto", got 0'],
    [{ workers: 'all' }, 'Opts: workers must be a whole number from 1, or "auto", got all'],
    [{ maxHeaderSize: 63 }, 'Opts: maxHeaderSize must be a whole number from 64, got 63'],
    [{ maxBodySize: -1 }, 'Opts: maxBodySize must be a whole number from 0, got -1'],
    [{ maxConnections: 0 }, 'Opts: maxConnections must be a whole number from 1, got 0'],
    [{ headersTimeout: 0 }, 'Opts: headersTimeout must be a whole number from 1, got 0'],
    [{ requestTimeout: Number.NaN }, 'Opts: requestTimeout must be a whole number from 1, got NaN'],
    [{ writeTimeout: '30' }, 'Opts: writeTimeout must be a whole number from 1, got 30'],
  ])('refuses %j', (options, message) => {
    expect(() => Opts.new(options as ServerOptions)).toThrow(message);
  });
});

describe('setBacklog, setEnv and setWorkers', () => {
  it('set what they say and give the options back', () => {
    const opts = Opts.new();
    expect(opts.setBacklog(7).setEnv('debug')).toBe(opts);
    expect([opts.backlog, opts.env]).toEqual([7, 'debug']);
    expect(opts.setWorkers('auto')).toBe(opts);
    expect(opts.workers).toBe('auto');
  });

  it('check what they are given', () => {
    expect(() => Opts.new().setBacklog(-1)).toThrow(RangeError);
    expect(() => Opts.new().setWorkers(1.5)).toThrow(RangeError);
    expect(() => Opts.new().setEnv('dev' as never)).toThrow(TypeError);
  });
});
