import { expect, it } from 'vitest';
import { options } from '../../samples/todos/app.js';
import { createApp, openApiDocument } from '../../src/index.js';
import { DescribedAnswers } from '../support/described-answers.js';
import { fc } from '../support/properties.js';
import { type MadeRequest, madeRequests } from './support/made-request.js';
import { TodosPlace } from './support/todos-app.js';
import { TodosUser } from './support/todos-user.js';

/** `npm run soak:api` sends 20,000. */
const REQUESTS = Number(process.env.TODOS_REQUESTS ?? 500);

it('answers any request as its document says, and never by an error of its own', async () => {
  const document = await openApiDocument(options);
  const answers = new DescribedAnswers(document);
  await using place = await TodosPlace.make();
  const { options: quiet } = place.setup();
  await using app = await createApp({ ...quiet, use: [answers.middleware, ...(quiet.use ?? [])] }).test();
  const [ada, bob] = [await TodosUser.signUp(app, 'ada'), await TodosUser.signUp(app, 'bob')];
  const list = await ada.addList();
  await ada.json('PUT', `/api/lists/${list.id}/members/${bob.name}`, { json: { role: 'viewer' } });
  for (let i = 0; i < 10; i++) await ada.addTodo(list, `Todo ${i}`);

  const send = async (from: TodosUser | undefined, { method, url, headers, body, operationId }: MadeRequest) => {
    const content = body instanceof FormData ? { form: body } : { ...(body === undefined ? {} : { body }) };
    // Whoever signs in or out would no longer be who sends the rest.
    const isAnonymous = from === undefined || /signIn|signUp|signOut/.test(operationId);
    const request = { headers, ...content };
    const answer = await (isAnonymous ? app.request(method, url, request) : from.send(method, url, request));
    if (operationId === 'ChangeController.follow') await answer.body?.cancel();
    else await answer.arrayBuffer();
    return answer.status;
  };
  const texts = [ada.name, bob.name, 'nobody', 'correct horse', 'Milk', '"1"', '"2"', 'W/"1"', '*', 'MTA', 'key-1'];
  const sender = fc.constantFrom(ada, ada, bob, undefined);
  await fc.assert(
    fc.asyncProperty(sender, madeRequests(document, texts), async (from, request) => {
      const faults = answers.faults.length;
      expect(await send(from, request)).toBeLessThan(500);
      expect(answers.faults.slice(faults)).toEqual([]);
    }),
    { numRuns: REQUESTS, endOnFailure: true },
  );
  expect(place.log.filter(({ level }) => level === 'error')).toEqual([]);
  // What is described was met: each operation, and many of them with a success, as chance has it.
  const met = [...answers.seen].map((seen) => seen.split(' ')) as [operation: string, status: string][];
  const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
  expect(new Set(met.map(([operation]) => operation)).size).toBe(operations.length);
  const succeeded = new Set(met.filter(([, status]) => status.startsWith('2')).map(([operation]) => operation));
  expect(succeeded.size).toBeGreaterThan(operations.length / 4);
}, 1_800_000);
