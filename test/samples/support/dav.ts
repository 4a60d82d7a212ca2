/** Serves the webdav sample for one test, over either store, and speaks WebDAV with it. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { CurrentUser } from '../../../samples/auth/current-user.js';
import { Activity } from '../../../samples/webdav/activity.js';
import { options } from '../../../samples/webdav/app.js';
import { FolderStore } from '../../../samples/webdav/folder-store.js';
import { MemoryStore } from '../../../samples/webdav/memory-store.js';
import { Store } from '../../../samples/webdav/store.js';
import { elementsOf, parseXml, type XmlElement } from '../../../samples/webdav/xml.js';
import {
  type Application,
  type AppOptions,
  createApp,
  openApiDocument,
  type Request,
  type TestApp,
} from '../../../src/index.js';
import { DescribedAnswers } from '../../support/described-answers.js';

export const STORES = ['folder', 'memory'] as const;
export type StoreKind = (typeof STORES)[number];

/** A folder of its own, gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'webdav-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const answers = new DescribedAnswers(await openApiDocument(options));

/**
 * The options of the sample with another store, and without its access log. The test fails where an answer is none that
 * the document of the sample has.
 */
export function optionsWith(makeStore: () => Store): AppOptions {
  onTestFinished(() => expect(answers.faults.splice(0)).toEqual([]));
  return { ...options, use: [answers.middleware, Activity], providers: [{ token: Store, factory: makeStore }] };
}

/** Listens on a free port of this machine, as `npm start -- webdav` would, until the test is over. */
export async function listen(kind: StoreKind): Promise<{ app: Application; url: string; folder: string }> {
  const folder = await temporaryFolder();
  const app = await createApp(optionsWith(() => storeOf(kind, folder)));
  await app.listen(0, '127.0.0.1');
  onTestFinished(async () => {
    await app.close({ timeout: 0 });
  });
  return { app, url: `${app.url}/files/`, folder };
}

export interface DavRequest {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Who asks. Default ada; everybody's password is right. */
  readonly as?: string;
}

export interface DavAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** What a 207 says of one resource: its status, or that and the text of each property by `{namespace}name`. */
export interface Said {
  readonly status: number | undefined;
  readonly properties: ReadonlyMap<string, { readonly status: number; readonly element: XmlElement }>;
}

/** The sample over one store. No port is opened. */
export class Dav {
  private constructor(
    private readonly app: TestApp,
    /** What the folder store serves. */
    readonly folder: string,
  ) {}

  /** Starts the sample anew over `folder`, which may be that of another. */
  static async start(kind: StoreKind, folder?: string): Promise<Dav> {
    const served = folder ?? (await temporaryFolder());
    return Dav.over(() => storeOf(kind, served), served);
  }

  static async over(makeStore: () => Store, folder = ''): Promise<Dav> {
    // Real passwords are slow on purpose, and none of these tests is about them.
    const resolve = async (req: Request) => ({ name: userOf(req) });
    const app = await createApp(optionsWith(makeStore)).with(CurrentUser, { resolve }).test();
    onTestFinished(() => app[Symbol.asyncDispose]());
    return new Dav(app, folder);
  }

  async stop(): Promise<void> {
    await this.app[Symbol.asyncDispose]();
  }

  /** Sends a request to a path below /files, or to any that starts with a slash. */
  async request(method: string, path: string, { headers = {}, body, as = 'ada' }: DavRequest = {}): Promise<DavAnswer> {
    const url = path.startsWith('/') || path === '*' ? path : `/files/${path}`;
    const authorization = `Basic ${Buffer.from(`${as}:right`).toString('base64')}`;
    const answer = await this.app.request(method, url, {
      headers: { authorization, ...headers },
      ...(body === undefined ? {} : { body }),
    });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  }

  /** The first events of the page's stream. */
  async events(count: number): Promise<{ event: string; data: unknown }[]> {
    const authorization = `Basic ${Buffer.from('ada:right').toString('base64')}`;
    const answer = await this.app.get('/events', { headers: { authorization } });
    let text = '';
    const events = () => [...text.matchAll(/^event: (.*)\ndata: (.*)\n\n/gm)];
    for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString('utf8');
      if (events().length >= count) break;
    }
    return events().map(([, event, data]) => ({ event: event as string, data: JSON.parse(data as string) }));
  }

  /** The status alone. */
  async status(method: string, path: string, request?: DavRequest): Promise<number> {
    return (await this.request(method, path, request)).status;
  }

  async put(path: string, body: string | Uint8Array = path): Promise<void> {
    await this.expect(201, 'PUT', path, { body });
  }

  async mkcol(...paths: readonly string[]): Promise<void> {
    for (const path of paths) await this.expect(201, 'MKCOL', path);
  }

  async move(path: string, to: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
    return this.status('MOVE', path, { headers: { destination: `/files/${to}`, ...headers } });
  }

  async copy(path: string, to: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
    return this.status('COPY', path, { headers: { destination: `/files/${to}`, ...headers } });
  }

  async propfind(path: string, depth: string, body?: string): Promise<Map<string, Said>> {
    const request = { headers: { depth }, ...(body === undefined ? {} : { body }) };
    return readMultistatus((await this.expect(207, 'PROPFIND', path, request)).text);
  }

  /** The hrefs below a collection, in order. */
  async members(path: string): Promise<string[]> {
    return [...(await this.propfind(path, '1')).keys()].slice(1);
  }

  /** Sets properties, each an element. */
  async setProperties(path: string, ...elements: readonly string[]): Promise<Map<string, Said>> {
    const body = `<d:propertyupdate xmlns:d="DAV:" xmlns:x="urn:x"><d:set><d:prop>${elements.join('')}</d:prop></d:set></d:propertyupdate>`;
    return readMultistatus((await this.expect(207, 'PROPPATCH', path, { body })).text);
  }

  /** The text of a dead property in the namespace `urn:x`. */
  async property(path: string, name: string): Promise<string | undefined> {
    const body = `<propfind xmlns="DAV:"><prop><x:${name} xmlns:x="urn:x"/></prop></propfind>`;
    const [said] = (await this.propfind(path, '0', body)).values();
    const found = said?.properties.get(`{urn:x}${name}`);
    return found?.status === 200 ? textOf(found.element) : undefined;
  }

  /** Takes a lock; gives its token. */
  async lock(
    path: string,
    { scope = 'exclusive', ...request }: DavRequest & { readonly scope?: 'exclusive' | 'shared' } = {},
  ): Promise<string> {
    const answer = await this.request('LOCK', path, { ...request, body: lockInfo(scope) });
    if (answer.status > 201) throw new Error(`LOCK ${path}: ${answer.status} ${answer.text}`);
    return answer.headers.get('lock-token')?.slice(1, -1) as string;
  }

  async expect(status: number, method: string, path: string, request?: DavRequest): Promise<DavAnswer> {
    const answer = await this.request(method, path, request);
    if (answer.status !== status) {
      throw new Error(`${method} ${path}: expected ${status}, got ${answer.status} ${answer.text}`);
    }
    return answer;
  }
}

export function lockInfo(scope: 'exclusive' | 'shared'): string {
  return `<lockinfo xmlns="DAV:"><lockscope><${scope}/></lockscope><locktype><write/></locktype><owner>me</owner></lockinfo>`;
}

/** All text in an element. */
export function textOf(element: XmlElement): string {
  return element.children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('');
}

/** Reads a 207 by what RFC 4918 §14.16 says it is. */
export function readMultistatus(text: string): Map<string, Said> {
  const root = parseXml(text);
  if (root.namespace !== 'DAV:' || root.name !== 'multistatus') throw new Error(`No multistatus: ${text}`);
  return new Map(
    elementsOf(root).map((response) => {
      const properties = new Map<string, { status: number; element: XmlElement }>();
      for (const propstat of childrenOf(response, 'propstat')) {
        const status = statusOf(propstat);
        for (const prop of childrenOf(propstat, 'prop')) {
          for (const element of elementsOf(prop)) {
            properties.set(`{${element.namespace}}${element.name}`, { status: status as number, element });
          }
        }
      }
      const [href] = childrenOf(response, 'href');
      return [textOf(href as XmlElement), { status: statusOf(response), properties }];
    }),
  );
}

function childrenOf(element: XmlElement, name: string): XmlElement[] {
  return elementsOf(element).filter((child) => child.namespace === 'DAV:' && child.name === name);
}

function statusOf(element: XmlElement): number | undefined {
  const [status] = childrenOf(element, 'status');
  return status === undefined ? undefined : Number(/^HTTP\/1\.1 (\d{3}) /.exec(textOf(status))?.[1]);
}

function storeOf(kind: StoreKind, folder: string): Store {
  return kind === 'memory' ? new MemoryStore() : new FolderStore(folder);
}

function userOf(req: Request): string {
  const token = (req.headers.get('authorization') ?? '').slice('Basic '.length);
  return Buffer.from(token, 'base64').toString().split(':')[0] as string;
}
