import { expect, it } from 'vitest';
import type { RouteDescription } from '../../src/bootstrap/route-table.js';
import { PathTemplates } from '../../src/openapi/path-templates.js';
import { parsePattern } from '../../src/routing/route.js';

const routeOf = (pattern: string) => ({ path: parsePattern(pattern) }) as RouteDescription;

it.each<[pattern: string, templates: string[], rest?: string]>([
  ['/', ['/']],
  ['/todos', ['/todos']],
  ['/todos/', ['/todos/']],
  ['/todos/:id', ['/todos/{id}']],
  ['/:id?', ['/{id}', '/']],
  ['/todos/:id?', ['/todos/{id}', '/todos']],
  ['/files/*path', ['/files/{path}'], 'path'],
  ['/a b/ü/50%', ['/a%20b/%C3%BC/50%25']],
  ['/{a}/[b]#', ['/%7Ba%7D/%5Bb%5D%23']],
  ["/a;b=(c)!'$&+,@~", ["/a;b=(c)!'$&+,@~"]],
  ['*', []],
])('writes %s as %j', (pattern, templates, rest) => {
  const written = new PathTemplates().of(routeOf(pattern));
  expect(written.map(({ template }) => template)).toEqual(templates);
  expect(written[0]?.rest).toBe(rest);
});

it('gives a path the names of its first route, whatever the others call them', () => {
  const templates = new PathTemplates();
  templates.of(routeOf('/users/:user/todos/:todo?'));
  expect(templates.of(routeOf('/users/:id/todos'))).toMatchObject([{ template: '/users/{user}/todos' }]);
  const [last] = templates.of(routeOf('/users/:a/todos/*b'));
  expect(last?.template).toBe('/users/{user}/todos/{todo}');
  expect([...(last?.names ?? [])]).toEqual([['a', 'user'], ['b', 'todo']]); // biome-ignore format: one line
});
