import { readdir, readFile, writeFile } from 'node:fs/promises';
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { STATE_NAME } from '../../samples/webdav/state-folder.js';
import { temporaryFolder } from './support/dav.js';
import { WebDavProcess } from './support/webdav-process.js';

const UPLOADS = 100;
/** Of these only half is sent before the process is killed. */
const HALF_SENT = 20;
const AUTHORIZATION = `Basic ${Buffer.from('ada:lovelace').toString('base64')}`;

const nameOf = (i: number) => `file ${i}`;
const oldContent = (i: number) => Buffer.alloc(100_000, `old ${i} `);
const newContent = (i: number) => Buffer.alloc(200_000 + i * 1_000, `new ${i} `);
/** Every other file was there before. */
const wasThere = (i: number) => i % 2 === 0;

describe('SIGKILL in the middle of 100 uploads', () => {
  it.each([1, 25, 60])(
    'after %i answers loses nothing that was answered, and shows no half file',
    async (answersBefore) => {
      const folder = await temporaryFolder();
      for (let i = 0; i < UPLOADS; i++) if (wasThere(i)) await writeFile(join(folder, nameOf(i)), oldContent(i));
      const sample = await WebDavProcess.start(folder);
      onTestFinished(() => sample.end('SIGKILL'));

      const staging = join(folder, STATE_NAME, 'staging', String(sample.pid));
      const answered = await uploadUntil(sample, staging, answersBefore);

      expect((await readdir(staging)).length, 'uploads in the middle').toBeGreaterThanOrEqual(HALF_SENT);
      expect(answered.size).toBeGreaterThanOrEqual(answersBefore);
      const others = (await readdir(folder)).filter((name) => name !== STATE_NAME && !/^file \d+$/.test(name));
      expect(others).toEqual([]);
      await expectWhole(answered, async (i) => readFile(join(folder, nameOf(i))).catch(() => undefined));

      // The next start serves the same, and has cleared away what was half done.
      const next = await WebDavProcess.start(folder);
      onTestFinished(() => next.end('SIGKILL'));
      await expectWhole(answered, (i) => download(next, i));
      expect(await readdir(join(folder, STATE_NAME, 'staging'))).toEqual([String(next.pid)]);
      await next.end('SIGTERM');
      expect(await readdir(join(folder, STATE_NAME, 'staging'))).toEqual([]);
    },
    60_000,
  );
});

/** Kills the process at that many answers, while others are half sent; gives the status of each that was answered. */
async function uploadUntil(
  sample: WebDavProcess,
  staging: string,
  answersBefore: number,
): Promise<Map<number, number>> {
  const agent = new Agent({ keepAlive: true });
  const answered = new Map<number, number>();
  let isEnough = () => {};
  const enough = new Promise<void>((resolve) => {
    isEnough = resolve;
  });
  const begin = (i: number, send: (upload: ClientRequest) => void): Promise<void> => {
    const upload = put(sample, agent, i);
    send(upload);
    return statusOf(upload).then((status) => {
      if (status === undefined) return;
      answered.set(i, status);
      if (answered.size >= answersBefore) isEnough();
    });
  };
  const numbers = Array.from({ length: UPLOADS }, (_none, i) => i);
  const halves = numbers
    .slice(-HALF_SENT)
    .map((i) => begin(i, (upload) => upload.write(newContent(i).subarray(0, 100_000))));
  while ((await readdir(staging)).length < HALF_SENT) await nextTurn();
  const wholes = numbers.slice(0, -HALF_SENT).map((i) => begin(i, (upload) => upload.end(newContent(i))));
  await enough;
  await sample.end('SIGKILL');
  await Promise.all([...halves, ...wholes]);
  agent.destroy();
  return answered;
}

function put(sample: WebDavProcess, agent: Agent, i: number): ClientRequest {
  const headers = { authorization: AUTHORIZATION, 'content-length': newContent(i).length };
  return request(new URL(encodeURIComponent(nameOf(i)), sample.url), { method: 'PUT', agent, headers });
}

/** `undefined` where the connection was lost before. */
async function statusOf(upload: ClientRequest): Promise<number | undefined> {
  return new Promise((resolve) => {
    upload.on('error', () => resolve(undefined));
    upload.on('response', (answer: IncomingMessage) => {
      answer.resume();
      resolve(answer.statusCode);
    });
  });
}

async function download(sample: WebDavProcess, i: number): Promise<Buffer | undefined> {
  const url = new URL(encodeURIComponent(nameOf(i)), sample.url);
  const answer = await fetch(url, { headers: { authorization: AUTHORIZATION } });
  return answer.status === 404 ? undefined : Buffer.from(await answer.arrayBuffer());
}

/** Each file is the new one if it was answered; else it is the new one or what was there, and nothing in between. */
async function expectWhole(
  answered: ReadonlyMap<number, number>,
  contentOf: (i: number) => Promise<Buffer | undefined>,
): Promise<void> {
  for (let i = 0; i < UPLOADS; i++) {
    const content = await contentOf(i);
    const isNew = content?.equals(newContent(i)) === true;
    if (answered.has(i)) {
      expect(answered.get(i), nameOf(i)).toBe(wasThere(i) ? 204 : 201);
      expect(isNew, `${nameOf(i)} was answered ${answered.get(i)}`).toBe(true);
    } else if (!isNew) {
      const isOld = wasThere(i) ? content?.equals(oldContent(i)) === true : content === undefined;
      expect(isOld, `${nameOf(i)} was not answered`).toBe(true);
    }
  }
}
