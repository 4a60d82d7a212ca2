import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  Body,
  Controller,
  Doc,
  Get,
  Head,
  Mkcol,
  MSearch,
  Options,
  Param,
  Post,
  Returns,
  Route,
  Socket,
  WebSocket,
  type WebSocketConnection,
} from '../../src/index.js';
import { describeAll } from './described.js';

const Todo = z.object({ id: z.number().int(), title: z.string() }).meta({ id: 'Todo' });

describe('the document', () => {
  it('says what it is told of the whole', async () => {
    @Controller()
    class A {
      @Get() a(): string {
        return '';
      }
    }
    const docs = {
      title: 'Todos',
      version: '2.1.0',
      description: 'To *do*.',
      servers: ['https://a.example/v2', '/v2'],
    };
    const { document } = await describeAll([A], { docs });
    expect(document.info).toEqual({ title: 'Todos', version: '2.1.0', description: 'To *do*.' });
    expect(document.servers).toEqual([{ url: 'https://a.example/v2' }, { url: '/v2' }]);
  });

  it('makes two paths of an optional parameter, with an id each', async () => {
    @Controller('/todos')
    class TodoController {
      @Get('/:id?') show(@Param('id?') id?: number): object {
        return { id };
      }
    }
    const { document, operation } = await describeAll([TodoController]);
    expect(Object.keys(document.paths)).toEqual(['/todos/{id}', '/todos']);
    expect(operation('get /todos/{id}')).toMatchObject({
      operationId: 'TodoController.show',
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'number' } }],
    });
    expect(operation('get /todos').operationId).toBe('TodoController.show_2');
    expect(operation('get /todos').parameters).toBeUndefined();
  });

  it('explains what takes the rest of a path', async () => {
    @Controller('/files')
    class FileController {
      @Get('/*path') show(@Param('path') path: string): string {
        return path;
      }
    }
    const { operation } = await describeAll([FileController]);
    expect(operation('get /files/{path}').parameters).toEqual([
      {
        name: 'path',
        in: 'path',
        required: true,
        description: 'What is left of the path: any number of segments, none too, with the slashes between them.',
        schema: { type: 'string' },
        'x-luminaire-rest': true,
      },
    ]);
  });

  it('has one path for routes that differ in the names of their parameters', async () => {
    @Controller('/todos')
    class A {
      @Get('/:id') show(@Param('id') id: string): string {
        return id;
      }
      @Post('/:todo') change(@Param('todo') todo: number): string {
        return `${todo}`;
      }
    }
    const { document, operation } = await describeAll([A]);
    expect(Object.keys(document.paths)).toEqual(['/todos/{id}']);
    expect(operation('post /todos/{id}').parameters).toMatchObject([{ name: 'id', schema: { type: 'number' } }]);
  });

  it('escapes what a path cannot hold', async () => {
    @Controller()
    class A {
      @Get('/a{b}/ü#') a(): string {
        return '';
      }
      @Get('/') root(): string {
        return '';
      }
    }
    const { document } = await describeAll([A]);
    expect(Object.keys(document.paths)).toEqual(['/a%7Bb%7D/%C3%BC%23', '/']);
  });

  it('keeps the methods that it has no place for where OpenAPI 3.2 will have them', async () => {
    @Controller('/files')
    class A {
      @Mkcol('/:name') make(@Param('name') name: string): string {
        return name;
      }
      @Route('QUERY', '/:name') query(@Body() question: unknown): string {
        return String(question);
      }
      @Options('/:name') options(): string {
        return '';
      }
      @Head('/:name') head(): string {
        return '';
      }
    }
    const { document } = await describeAll([A]);
    expect(document.paths['/files/{name}']).toMatchObject({
      options: { operationId: 'A.options' },
      head: { operationId: 'A.head' },
      'x-oai-additionalOperations': {
        MKCOL: { operationId: 'A.make', parameters: [{ name: 'name' }] },
        QUERY: { operationId: 'A.query', requestBody: {} },
      },
    });
  });

  it('keeps what has no path, and what shares one, at its root', async () => {
    @Controller()
    class A {
      @MSearch('*') search(): string {
        return '';
      }
      @Get('/files/*path') file(@Param('path') path: string): string {
        return path;
      }
      @Get('/files/:id') show(@Param('id') id: string): string {
        return id;
      }
    }
    const { document, operation } = await describeAll([A]);
    expect(operation('get /files/{path}').operationId).toBe('A.show');
    expect(document['x-luminaire-operations']).toMatchObject({
      'M-SEARCH *': { operationId: 'A.search' },
      'GET /files/{path}': { operationId: 'A.file' },
    });
  });

  it('has a WebSocket as a GET of 101, beside a @Get of its path', async () => {
    const Message = z.object({ text: z.string() }).meta({ id: 'Message' });
    @Controller('/chat')
    class Chat {
      @WebSocket() async talk(@Socket(Message) socket: WebSocketConnection<z.infer<typeof Message>>): Promise<void> {
        void socket;
      }
      @WebSocket('/more') async more(@Socket() socket: WebSocketConnection): Promise<void> {
        void socket;
      }
      @Get('/more') show(): string {
        return '';
      }
    }
    const { document, operation, schemas } = await describeAll([Chat]);
    expect(operation('get /chat')).toMatchObject({
      description: 'Opens a WebSocket (RFC 6455).',
      'x-luminaire-messages': { $ref: '#/components/schemas/Message' },
    });
    expect(Object.keys(operation('get /chat').responses)).toEqual(['101', '400', '403', '426', '500', '503']);
    expect(schemas.Message).toMatchObject({ type: 'object' });
    expect(operation('get /chat/more').operationId).toBe('Chat.show');
    expect(document['x-luminaire-operations']).toMatchObject({ 'WebSocket /chat/more': { operationId: 'Chat.more' } });
  });

  it('numbers operations that would have the same id', async () => {
    @Controller()
    class A {
      @Get('/a') @Head('/b') a(): string {
        return '';
      }
    }
    const { document } = await describeAll([A]);
    const ids = Object.values(document.paths).flatMap((item) => Object.values(item).map((each) => each.operationId));
    expect(ids).toEqual(['A.a', 'A.a_2']);
  });

  it('says what @Doc says', async () => {
    @Controller('/todos')
    @Doc({ tags: ['Todos', 'Public'], description: 'What is to do.', deprecated: true })
    class TodoController {
      @Get('/:id')
      @Doc({ summary: 'Show one', description: 'Of *mine*.', operationId: 'showTodo', parameters: { id: 'Which.' } })
      show(@Param('id') id: number): string {
        return `${id}`;
      }
      @Post() @Doc({ tags: ['Other'], deprecated: false }) create(): string {
        return '';
      }
    }
    @Controller('/plain')
    class PlainController {
      @Get() a(): string {
        return '';
      }
    }
    const { document, operation } = await describeAll([TodoController, PlainController]);
    expect(operation('get /todos/{id}')).toMatchObject({
      operationId: 'showTodo',
      tags: ['Todos', 'Public'],
      summary: 'Show one',
      description: 'Of *mine*.',
      deprecated: true,
      parameters: [{ name: 'id', description: 'Which.' }],
    });
    expect(operation('post /todos').tags).toEqual(['Other']);
    expect(operation('post /todos').deprecated).toBeUndefined();
    expect(operation('get /plain').tags).toEqual(['Plain']);
    expect(document.tags).toEqual([
      { name: 'Todos', description: 'What is to do.' },
      { name: 'Public' },
      { name: 'Other' },
      { name: 'Plain' },
    ]);
  });

  it('names schemas once, for lists and single ones alike', async () => {
    @Controller('/todos')
    class A {
      @Get() @Returns(200, z.array(Todo)) list() {
        return [];
      }
      @Get('/:id') @Returns(200, Todo) show(@Param('id') id: number) {
        return { id, title: '' };
      }
      @Post() @Returns(201, Todo) create(@Body(Todo) todo: z.infer<typeof Todo>) {
        return todo;
      }
    }
    const { document, schemas } = await describeAll([A]);
    expect(Object.keys(schemas)).toEqual(['Problem', 'Todo', 'TodoInput']);
    expect(schemas.Todo).toEqual({
      type: 'object',
      properties: { id: { type: 'integer' }, title: { type: 'string' } },
      required: ['id', 'title'],
      additionalProperties: false,
    });
    const text = JSON.stringify(document);
    expect(text.split('"properties":{"id":{"type":"integer"').length - 1).toBe(2);
    expect(text).not.toContain('luminaire:schema');
  });
});
