/** Puts load on a server with wrk. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Load {
  readonly path: string;
  readonly connections: number;
  readonly seconds: number;
  /** A wrk script, for requests that are more than a GET of `path`. */
  readonly script?: string;
}

/** Loads the server on `port` from `core` and returns how many requests it answered. @throws where one failed. */
export async function putLoad(port: number, core: number, load: Load): Promise<number> {
  const { stdout } = await run('taskset', [
    '-c',
    String(core),
    'wrk',
    '-t1',
    `-c${load.connections}`,
    `-d${load.seconds}s`,
    ...(load.script === undefined ? [] : ['-s', load.script]),
    `http://127.0.0.1:${port}${load.path}`,
  ]);
  if (/Socket errors|Non-2xx/.test(stdout)) throw new Error(`Requests failed:\n${stdout}`);
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1]);
  if (!(requests > 0)) throw new Error(`No request was answered:\n${stdout}`);
  return requests;
}
