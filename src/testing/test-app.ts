/** Drives one application in a test, through the real parser and writer. */

import type { Application } from '../bootstrap/application.js';
import type { Class } from '../decorators/injected.js';
import type { WebSocketConnection } from '../http/web-socket/web-socket-connection.js';
import { type ControllerClient, clientOf } from './controller-client.js';
import { buildTestRequest, type TestRequest } from './test-request.js';
import { openTestSocket, type TestSocketRequest } from './test-socket.js';

/**
 * An application of its own for one test: nothing listens on a port, and disposing it closes the application, cutting
 * off what still runs. Answers are the `Response` of the fetch standard.
 */
export class TestApp implements AsyncDisposable {
  readonly app: Application;

  constructor(app: Application) {
    this.app = app;
  }

  /** Sends any request: `t.request('QUERY', '/todos', { json: filter })`. */
  async request(method: string, url: string, request?: TestRequest): Promise<Response> {
    return this.app.inject(await buildTestRequest(method, url, request));
  }

  /** Sends GET. */
  get(url: string, request?: TestRequest): Promise<Response> {
    return this.request('GET', url, request);
  }

  /** Sends HEAD. */
  head(url: string, request?: TestRequest): Promise<Response> {
    return this.request('HEAD', url, request);
  }

  /** Sends OPTIONS. */
  options(url: string, request?: TestRequest): Promise<Response> {
    return this.request('OPTIONS', url, request);
  }

  /** Sends POST. */
  post(url: string, request?: TestRequest): Promise<Response> {
    return this.request('POST', url, request);
  }

  /** Sends PUT. */
  put(url: string, request?: TestRequest): Promise<Response> {
    return this.request('PUT', url, request);
  }

  /** Sends PATCH. */
  patch(url: string, request?: TestRequest): Promise<Response> {
    return this.request('PATCH', url, request);
  }

  /** Sends DELETE. */
  delete(url: string, request?: TestRequest): Promise<Response> {
    return this.request('DELETE', url, request);
  }

  /**
   * Opens a WebSocket: `const socket = await t.webSocket('/chat')`. It is what a handler holds, seen from the other side.
   *
   * @throws Error with the status and the content of the answer where the server refuses.
   */
  webSocket(url: string, request?: TestSocketRequest): Promise<WebSocketConnection> {
    return openTestSocket(this.app.server, url, request);
  }

  /**
   * Gives the controller's methods, each of which sends the request that its decorators describe:
   * `await t.of(TodoController).show(1)` asks for `/todos/1`. `request` is sent along with each.
   *
   * @throws TypeError for a class that is none of the application's controllers.
   */
  of<C extends object>(controller: Class<C>, request?: Pick<TestRequest, 'headers'>): ControllerClient<C> {
    return clientOf(this.app.routes, controller, (method, url, built) =>
      this.request(method, url, { ...built, headers: { ...request?.headers, ...built.headers } }),
    );
  }

  /** Closes the application, which disposes what it has made. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.app.close({ timeout: 0 });
  }
}
