import { describe, expect, it } from 'vitest';
import { joinPaths, parsePattern, RouteError } from '../../src/routing/route.js';

const literal = (text: string) => ({ kind: 'literal', text });
const parameter = (name: string) => ({ kind: 'parameter', name });
const rest = (name: string) => ({ kind: 'rest', name });

describe('parsePattern', () => {
  it.each([
    ['/', [literal('')]],
    ['/users', [literal('users')]],
    ['/users/', [literal('users'), literal('')]],
    ['/users/:id', [literal('users'), parameter('id')]],
    ['/:a/:b', [parameter('a'), parameter('b')]],
    ['/files/*path', [literal('files'), rest('path')]],
    ['/*all', [rest('all')]],
    ['/grüße/日本', [literal('grüße'), literal('日本')]],
    ['/100%/a b/(x)/[y]/{z}/#', ['100%', 'a b', '(x)', '[y]', '{z}', '#'].map(literal)],
    ['/a-b.c~d', [literal('a-b.c~d')]],
    ['/:$/:_x1/:größe', [parameter('$'), parameter('_x1'), parameter('größe')]],
    ['/:__proto__', [parameter('__proto__')]],
  ])('reads %s', (pattern, segments) => {
    const params = segments.flatMap((segment) => ('name' in segment ? [segment.name] : []));
    expect(parsePattern(pattern)).toEqual({ pattern, segments, params, optional: false, pathless: false });
  });

  it.each([
    ['/users/:id?', [literal('users'), parameter('id')]],
    ['/:id?', [parameter('id')]],
    ['/:a/:b?', [parameter('a'), parameter('b')]],
  ])('reads %s, whose last parameter may be missing', (pattern, segments) => {
    expect(parsePattern(pattern)).toMatchObject({ segments, optional: true });
  });

  it('reads "*" as a request without a path', () => {
    expect(parsePattern('*')).toEqual({ pattern: '*', segments: [], params: [], optional: false, pathless: true });
  });

  it.each([
    ['no leading slash', 'users', 'path must start with "/", got "users"'],
    ['nothing', '', 'path must start with "/", got ""'],
    ['a bare rest', '*all', 'path must start with "/", got "*all"'],
    ['an empty segment', '/a//b', 'path has an empty segment: "/a//b"'],
    ['an empty first segment', '//a', 'path has an empty segment: "//a"'],
    ['an optional parameter before the end', '/:a?/b', 'path may be optional only at its end, got "/:a?/b"'],
    ['an optional parameter before a slash', '/:a?/', 'path may be optional only at its end, got "/:a?/"'],
    ['a rest before the end', '/*a/b', 'path may have a "*name" only at its end, got "/*a/b"'],
    ['a parameter without a name', '/:', 'path parameter ":" must be named by a JavaScript identifier, got "/:"'],
    ['a rest without a name', '/a/*', 'path parameter "*" must be named by a JavaScript identifier, got "/a/*"'],
    ['an optional rest', '/*a?', 'path parameter "*a?" must be named by a JavaScript identifier, got "/*a?"'],
    ['a name with a digit first', '/:1', 'path parameter ":1" must be named by a JavaScript identifier, got "/:1"'],
    [
      'a regular expression',
      '/:id(\\d+)',
      'path parameter ":id(\\d+)" must be named by a JavaScript identifier, got "/:id(\\\\d+)"',
    ],
    ['two colons', '/::id', 'path parameter "::id" must be named by a JavaScript identifier, got "/::id"'],
    ['a name used twice', '/:a/:a', 'path has two parameters named "a": "/:a/:a"'],
    ['a name used by the rest again', '/:a/*a', 'path has two parameters named "a": "/:a/*a"'],
    [
      'a parameter inside a segment',
      '/a-:b',
      'path segment "a-:b" must be all literal or all parameter: ":" cannot stand inside, got "/a-:b"',
    ],
    [
      'a star inside a segment',
      '/a*',
      'path segment "a*" must be all literal or all parameter: "*" cannot stand inside, got "/a*"',
    ],
    [
      'an optional literal, or a query',
      '/a?',
      'path segment "a?" must be all literal or all parameter: "?" cannot stand inside, got "/a?"',
    ],
    ['an escape', '/a%20b', 'path is matched decoded: write "a b" for "a%20b", got "/a%20b"'],
    ['an escape of more bytes', '/%c3%a9', 'path is matched decoded: write "é" for "%c3%a9", got "/%c3%a9"'],
    ['an escaped slash', '/a%2Fb', 'path is matched decoded: only a parameter can match "a%2Fb", got "/a%2Fb"'],
    ['an escape outside UTF-8', '/%ff', 'path is matched decoded: "%ff" is not UTF-8, got "/%ff"'],
    ['half a surrogate pair', '/\ud800', 'path must be valid Unicode, got "/\\ud800"'],
  ])('refuses %s', (_title, pattern, message) => {
    expect(() => parsePattern(pattern)).toThrow(new RouteError(message));
  });
});

describe('joinPaths', () => {
  it.each([
    ['', '', '/'],
    ['/', '', '/'],
    ['', '/', '/'],
    ['/', '/', '/'],
    ['/users', '', '/users'],
    ['/users', '/', '/users'],
    ['/users', '/:id', '/users/:id'],
    ['/users/', '/:id', '/users/:id'],
    ['/users/', '', '/users'],
    ['/users', '/all/', '/users/all/'],
    ['', '/users/', '/users/'],
    ['/users', '*', '*'],
    ['', '*', '*'],
    ['/v1', '/*path', '/v1/*path'],
  ])('joins %j and %j to %j', (prefix, path, joined) => {
    expect(joinPaths(prefix, path)).toBe(joined);
  });

  it.each([
    ['users', '', 'users'],
    ['/users', ':id', ':id'],
    ['*', '/a', '*'],
  ])('refuses %j with %j', (prefix, path, found) => {
    expect(() => joinPaths(prefix, path)).toThrow(new RouteError(`path must start with "/", got "${found}"`));
  });
});
