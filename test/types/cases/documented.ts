import { Doc } from '../../../src/decorators/doc.js';
import { Get } from '../../../src/decorators/route.js';
import { Security, type SecurityScheme } from '../../../src/decorators/security.js';

declare const scheme: SecurityScheme;

class Fits {
  // fits: every word
  @Get() @Doc({ summary: 'a', description: 'b', tags: ['c'], deprecated: true, operationId: 'd', parameters: { e: 'f' } }) words() {}
  // fits: answers in words, by type, with fields
  @Get() @Doc({ responses: { 404: 'Gone.', 200: { description: 'It.', type: 'text/html', headers: { ETag: 'Its state.' } } } }) answers() {}
  // fits: each kind of scheme
  @Get() @Security('a', { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }) @Security('b', { type: 'apiKey', in: 'cookie', name: 'b' }) @Security('c', { type: 'openIdConnect', openIdConnectUrl: '/' }) @Security('d', { type: 'mutualTLS' }) schemes() {}
  // fits: flows with their scopes
  @Get() @Security('e', { type: 'oauth2', flows: { clientCredentials: { tokenUrl: '/token', scopes: { read: 'Reads.' } } } }, { scopes: ['read'], isOptional: true }) flows() {}
  // fits: a scheme that is kept
  @Get() @Security('f', scheme) kept() {}
}

// fits: a class
@Doc({ tags: ['a'], responses: { 403: 'No.' } }) @Security('g', scheme) class Guard {}

class Refused {
  // refused: 'sumary' does not exist
  @Get() @Doc({ sumary: 'a' }) word() {}
  // refused: not assignable to type 'string | ResponseDoc
  @Get() @Doc({ responses: { 404: 1 } }) answer() {}
  // refused: 'description' is missing
  @Get() @Doc({ responses: { 404: { type: 'text/html' } } }) silent() {}
  // refused: not assignable to type
  @Get() @Security('a', { type: 'apiKey', in: 'body', name: 'a' }) place() {}
  // refused: 'name' is missing
  @Get() @Security('b', { type: 'apiKey', in: 'header' }) nameless() {}
  // refused: Expected 2-3 arguments
  @Get() @Security('c') bare() {}
}
