/** Has 200 people use the todos sample at once, kills it in between, and compares what it holds with what they were told. */

import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const START = fileURLToPath(new URL('../../samples/start.js', import.meta.url));
const USERS = 200;
/** People of one list. */
const CIRCLE = 10;
const MS = 120_000;
const KILL_AFTER_MS = 60_000;
/** Between two requests of one person, at random around this. */
const THINK_MS = 5_000;
/** What is told takes this long at most to be heard. */
const HEAR_MS = 5_000;

interface Todo {
  readonly id: number;
  readonly listId: number;
  readonly title: string;
  readonly version: number;
}

/** The application, in a process of its own. */
class Sample {
  readonly folder = mkdtempSync(join(tmpdir(), 'todos-soak-'));
  url = '';
  #child: ChildProcess | undefined;

  async start(): Promise<void> {
    const env = {
      ...process.env,
      PORT: this.url === '' ? '0' : new URL(this.url).port,
      HOST: '127.0.0.1',
      TODOS_FOLDER: this.folder,
      TODOS_QUOTA: '1000000',
      TODOS_SIGN_IN_QUOTA: '1000000',
    };
    const child = spawn(process.execPath, [START, 'todos'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    let output = '';
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (piece: Buffer) => {
        // The access log goes on for long after.
        if (output.length < 10_000) output += piece;
        this.url = /serves (http:\S+)/.exec(output)?.[1] ?? this.url;
        if (output.includes('serves ')) resolve();
      });
      child.once('exit', (code, signal) => reject(new Error(`The sample ended with ${code ?? signal}: ${output}`)));
    });
  }

  async kill(): Promise<void> {
    const exited = once(this.#child as ChildProcess, 'exit');
    this.#child?.kill('SIGKILL');
    await exited;
  }

  remove(): void {
    this.#child?.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What everybody was told. */
class Model {
  /** Titles by id and version: of each version there is one. */
  readonly acknowledged = new Map<number, Map<number, string>>();
  /** What was asked for and never answered: it may have happened, or not. */
  readonly unanswered = new Map<number, Map<number, string>>();
  readonly lists = new Map<number, Set<number>>();
  readonly comments = new Map<number, Set<string>>();
  readonly attachments = new Map<number, Map<number, string>>();
  readonly statuses = new Map<number, number>();
  readonly faults: string[] = [];
  requests = 0;
  retries = 0;

  saw({ id, version, title }: Todo, isOwn: boolean): void {
    const versions = getOr(this.acknowledged, id, () => new Map<number, string>());
    const known = versions.get(version);
    if (isOwn && known !== undefined) this.faults.push(`todo ${id}: version ${version} was given to two`);
    if (known !== undefined && known !== title) this.faults.push(`todo ${id}: version ${version} has two titles`);
    versions.set(version, title);
  }
}

function getOr<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

const pick = <T>(items: readonly T[]): T => items[Math.floor(Math.random() * items.length)] as T;

/** Whether the connection broke, rather than that the answer says no. */
class Unanswered extends Error {}

class Person {
  readonly name: string;
  readonly #sample: Sample;
  readonly #model: Model;
  #cookie = '';
  #own = 0;
  circle = 0;
  /** What it knows of the todos of its circle. */
  readonly #known = new Map<number, Todo>();
  readonly heard = new Set<string>();
  /** When it last began to follow. Before it, it may have missed something. */
  followsSince = Number.POSITIVE_INFINITY;
  readonly #leaves = new AbortController();

  constructor(name: string, sample: Sample, model: Model) {
    this.name = name;
    this.#sample = sample;
    this.#model = model;
  }

  /** @throws Unanswered where no answer came. */
  async request(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    try {
      const headers = { cookie: this.#cookie, ...(init.headers as Record<string, string>) };
      const answer = await fetch(this.#sample.url + path, { method, ...init, headers });
      // With its content it is whole.
      const content = answer.status === 204 ? null : await answer.arrayBuffer();
      const { statuses } = this.#model;
      this.#model.requests++;
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      if (!answer.ok && answer.status !== 409 && answer.status !== 412) {
        this.#model.faults.push(
          `${method} ${path}: ${answer.status} ${content === null ? '' : Buffer.from(content).toString()}`,
        );
      }
      const setCookie = answer.headers.get('set-cookie');
      if (setCookie !== null) this.#cookie = setCookie.split(';')[0] as string;
      return new Response(content, answer);
    } catch (error) {
      throw new Unanswered('No answer', { cause: error });
    }
  }

  /** Sends it until it is answered: for what may be sent twice. */
  async insist(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    for (;;) {
      try {
        return await this.request(method, path, init);
      } catch (error) {
        if (!(error instanceof Unanswered)) throw error;
        this.#model.retries++;
        await wait(500);
      }
    }
  }

  async #post<T>(path: string, body: object | FormData): Promise<T> {
    const isForm = body instanceof FormData;
    const headers = { 'idempotency-key': randomUUID(), ...(isForm ? {} : { 'content-type': 'application/json' }) };
    const answer = await this.insist('POST', path, { headers, body: isForm ? body : JSON.stringify(body) });
    if (!answer.ok) throw new Error(`POST ${path}: ${answer.status}`);
    return (await answer.json()) as T;
  }

  async signIn(): Promise<void> {
    const init = {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: this.name, password: `password of ${this.name}` }),
    };
    await this.insist('POST', '/api/users', init);
    await this.insist('DELETE', '/api/session');
    this.#cookie = '';
    await this.insist('POST', '/api/session', init);
    this.#own = (await this.makeList(`Own of ${this.name}`)).id;
  }

  async makeList(title: string): Promise<{ id: number }> {
    const list = await this.#post<{ id: number }>('/api/lists', { title });
    this.#model.lists.set(list.id, new Set());
    return list;
  }

  async share(list: number, name: string): Promise<void> {
    const init = { headers: { 'content-type': 'application/json' }, body: '{"role":"editor"}' };
    await this.insist('PUT', `/api/lists/${list}/members/${name}`, init);
  }

  async live(until: number): Promise<void> {
    const following = this.#follow();
    await wait(Math.random() * THINK_MS);
    while (Date.now() < until) {
      try {
        await this.#act();
      } catch (error) {
        if (!(error instanceof Unanswered)) this.#model.faults.push(`${this.name}: ${error}`);
      }
      await wait(Math.random() * 2 * THINK_MS);
    }
    await wait(HEAR_MS);
    this.#leaves.abort();
    await following;
  }

  async #act(): Promise<void> {
    const dice = Math.random();
    const todo = this.#known.size === 0 ? undefined : pick([...this.#known.values()]);
    if (todo === undefined || dice < 0.25) await this.#create(this.circle);
    else if (dice < 0.55) await this.#change(todo);
    else if (dice < 0.65) await this.#comment(todo);
    else if (dice < 0.75) await this.#attach(todo);
    else if (dice < 0.9) await this.#look();
    else await this.#createAndRemove();
  }

  async #create(listId: number): Promise<Todo> {
    const todo = await this.#post<Todo>(`/api/lists/${listId}/todos`, { title: `By ${this.name} ${randomUUID()}` });
    this.#model.saw(todo, true);
    this.#model.lists.get(listId)?.add(todo.id);
    if (listId === this.circle) this.#known.set(todo.id, todo);
    this.#note('todo.created', todo);
    return todo;
  }

  async #change(todo: Todo): Promise<void> {
    const title = `Changed by ${this.name} ${randomUUID()}`;
    const headers = { 'content-type': 'application/json', 'if-match': `"${todo.version}"` };
    const path = `/api/todos/${todo.id}`;
    let answer: Response;
    try {
      answer = await this.request('PATCH', path, { headers, body: JSON.stringify({ title }) });
    } catch (error) {
      getOr(this.#model.unanswered, todo.id, () => new Map()).set(todo.version + 1, title);
      throw error;
    }
    const isChanged = answer.ok;
    if (!isChanged) answer = await this.insist('GET', path);
    const now = (await answer.json()) as Todo;
    this.#model.saw(now, isChanged);
    this.#known.set(now.id, now);
    if (isChanged) this.#note('todo.changed', now);
  }

  async #comment(todo: Todo): Promise<void> {
    const { id, text } = await this.#post<{ id: number; text: string }>(`/api/todos/${todo.id}/comments`, {
      text: `Says ${this.name}`,
    });
    getOr(this.#model.comments, todo.id, () => new Set()).add(`${id} ${text}`);
  }

  async #attach(todo: Todo): Promise<void> {
    const content = Buffer.from(randomUUID().repeat(1 + Math.floor(Math.random() * 2_000)));
    const form = new FormData();
    form.append('file', new Blob([content]), `of ${this.name}.txt`);
    const { id } = await this.#post<{ id: number }>(`/api/todos/${todo.id}/attachments`, form);
    getOr(this.#model.attachments, todo.id, () => new Map()).set(id, hashOf(content));
  }

  async #look(): Promise<void> {
    const query = pick(['?limit=50', '?q=changed&limit=10', '?state=open']);
    const answer = await this.insist('GET', `/api/lists/${this.circle}/todos${query}`);
    for (const todo of ((await answer.json()) as { items: Todo[] }).items) {
      this.#model.saw(todo, false);
      this.#known.set(todo.id, todo);
    }
  }

  async #createAndRemove(): Promise<void> {
    const todo = await this.#create(this.#own);
    const headers = { 'if-match': `"${todo.version}"` };
    // A second attempt, after one whose answer was lost, may find nothing.
    const status = await this.request('DELETE', `/api/todos/${todo.id}`, { headers }).then(
      (answer) => answer.status,
      () => undefined,
    );
    const list = this.#model.lists.get(this.#own);
    if (status === 204) list?.delete(todo.id);
    if (status === undefined) {
      const left = await this.insist('GET', `/api/lists/${this.#own}/todos?limit=1`);
      const [first] = ((await left.json()) as { items: Todo[] }).items;
      if (first?.id !== todo.id) list?.delete(todo.id);
    }
  }

  /** What the others of the circle are to hear. */
  readonly told: { readonly at: number; readonly what: string }[] = [];

  #note(action: string, { id, version, listId }: Todo): void {
    if (listId === this.circle) this.told.push({ at: Date.now(), what: `${action} ${id} ${version}` });
  }

  /** Listens as a browser does: again from where it was, whenever the stream ends. */
  async #follow(): Promise<void> {
    const { signal } = this.#leaves;
    let lastEventId = '';
    while (!signal.aborted) {
      try {
        const headers = { cookie: this.#cookie, ...(lastEventId && { 'last-event-id': lastEventId }) };
        const { body, status } = await fetch(`${this.#sample.url}/api/changes`, { headers, signal });
        if (status !== 200 || body === null) throw new Error(`status ${status}`);
        if (lastEventId === '') this.followsSince = Date.now();
        let text = '';
        for await (const piece of body.pipeThrough(new TextDecoderStream())) {
          const events = (text + piece).split('\n\n');
          text = events.pop() as string;
          for (const event of events) {
            lastEventId = /^id: (.*)$/m.exec(event)?.[1] ?? lastEventId;
            // What was missed is missed.
            if (/^event: gap$/m.test(event)) this.followsSince = Date.now();
            const change = /^data: (.*)$/m.exec(event)?.[1];
            if (change === undefined) continue;
            const { action, subject } = JSON.parse(change) as { action?: string; subject?: Todo };
            if (action !== undefined) this.heard.add(`${action} ${subject?.id} ${subject?.version}`);
          }
        }
      } catch {
        // The process was killed: it is there again in a moment.
      }
      await wait(500);
    }
  }

  /** Compares what the application holds with what everybody was told. Gives how many todos it has compared. */
  async verify(): Promise<number> {
    let compared = 0;
    for (const listId of [this.#own, ...(this.name.endsWith('-0') ? [this.circle] : [])]) {
      const found = await this.#all<Todo>(`/api/lists/${listId}/todos`);
      const expected = this.#model.lists.get(listId) ?? new Set();
      for (const id of expected) if (!found.some((todo) => todo.id === id)) this.#fault(`todo ${id} is lost`);
      for (const todo of found) {
        compared++;
        if (!expected.has(todo.id)) this.#fault(`todo ${todo.id} is there, and nobody was told`);
        await this.#verifyTodo(todo);
      }
    }
    return compared;
  }

  async #verifyTodo({ id, version, title }: Todo): Promise<void> {
    const versions = this.#model.acknowledged.get(id) ?? new Map<number, string>();
    const latest = Math.max(...versions.keys());
    const maybe = this.#model.unanswered.get(id)?.get(version);
    if (version < latest) this.#fault(`todo ${id} is at ${version}, ${latest} was acknowledged`);
    if (version === latest && title !== versions.get(latest)) this.#fault(`todo ${id} has another title`);
    if (version > latest && maybe !== title) this.#fault(`todo ${id} is at ${version}, which nobody has asked for`);
    const comments = this.#model.comments.get(id) ?? new Set();
    const attachments = this.#model.attachments.get(id) ?? new Map<number, string>();
    if (comments.size > 0) {
      const found = await this.#all<{ id: number; text: string }>(`/api/todos/${id}/comments`);
      const texts = new Set(found.map((comment) => `${comment.id} ${comment.text}`));
      if (!isSame(texts, comments)) this.#fault(`todo ${id} has ${texts.size} comments for ${comments.size}`);
    }
    if (attachments.size > 0) {
      const found = await this.#all<{ id: number }>(`/api/todos/${id}/attachments`);
      if (!isSame(new Set(found.map((one) => one.id)), new Set(attachments.keys())))
        this.#fault(`todo ${id} has ${found.length} attachments for ${attachments.size}`);
      for (const [attachment, hash] of attachments) {
        const answer = await this.insist('GET', `/api/todos/${id}/attachments/${attachment}`);
        if (hashOf(Buffer.from(await answer.arrayBuffer())) !== hash) this.#fault(`attachment ${attachment} differs`);
      }
    }
  }

  async #all<T>(path: string): Promise<T[]> {
    const items: T[] = [];
    let after = '';
    for (;;) {
      const page = (await (await this.insist('GET', `${path}?limit=100${after}`)).json()) as {
        items: T[];
        next?: string;
      };
      items.push(...page.items);
      if (page.next === undefined) return items;
      after = `&after=${page.next}`;
    }
  }

  #fault(fault: string): void {
    this.#model.faults.push(fault);
  }
}

function hashOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function isSame<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): boolean {
  return a.size === b.size && [...a].every((one) => b.has(one));
}

/** Each of a circle has heard what the others did while it followed. */
function verifyHeard(people: readonly Person[], model: Model): number {
  let heard = 0;
  for (const listener of people) {
    for (const { circle, told } of people) {
      if (circle !== listener.circle) continue;
      for (const { at, what } of told) {
        // It was told before it was answered, but may have been sent before the stream was there.
        if (at < listener.followsSince + HEAR_MS) continue;
        heard++;
        if (!listener.heard.has(what)) model.faults.push(`${listener.name} has not heard of ${what}`);
      }
    }
  }
  return heard;
}

/** Resolves with whether nothing was found. */
export async function todos(): Promise<boolean> {
  const sample = new Sample();
  const model = new Model();
  try {
    await sample.start();
    const people = Array.from(
      { length: USERS },
      (_none, i) => new Person(`person-${Math.floor(i / CIRCLE)}-${i % CIRCLE}`, sample, model),
    );
    console.log(`todos: ${USERS} people sign up and in`);
    await Promise.all(people.map((person) => person.signIn()));
    for (let first = 0; first < USERS; first += CIRCLE) {
      const [leader, ...others] = people.slice(first, first + CIRCLE) as [Person, ...Person[]];
      const { id } = await leader.makeList(`Circle ${first / CIRCLE}`);
      for (const person of [leader, ...others]) person.circle = id;
      for (const other of others) await leader.share(id, other.name);
    }
    console.log(`todos: they work for ${MS / 1000} s, and after ${KILL_AFTER_MS / 1000} s the process is killed`);
    const startedAt = Date.now();
    const requestsBefore = model.requests;
    const living = Promise.all(people.map((person) => person.live(startedAt + MS)));
    await wait(KILL_AFTER_MS);
    await sample.kill();
    const killedAt = Date.now();
    await sample.start();
    console.log(`todos: killed, and there again after ${Date.now() - killedAt} ms`);
    await living;
    const requests = model.requests - requestsBefore;
    const heard = verifyHeard(people, model);
    await sample.kill();
    await sample.start();
    console.log('todos: killed again; what is held is compared with what was told');
    const compared = (await Promise.all(people.map((person) => person.verify()))).reduce((a, b) => a + b, 0);
    const statuses = [...model.statuses].sort().map(([status, n]) => `${n} x ${status}`);
    const sizes = [...model.comments.values(), ...model.attachments.values()].reduce((n, { size }) => n + size, 0);
    console.log(
      `todos: ${requests} requests in ${MS / 1000} s (all: ${statuses.join(', ')}; ${model.retries} sent again), ` +
        `${compared} todos, ${sizes} comments and attachments compared, ${heard} changes heard`,
    );
    const { faults } = model;
    console.log(
      faults.length === 0
        ? 'todos: nothing found'
        : `todos: ${faults.length} faults:\n  ${faults.slice(0, 20).join('\n  ')}`,
    );
    return faults.length === 0;
  } finally {
    sample.remove();
  }
}
