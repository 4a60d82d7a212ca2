import { readFileSync } from 'node:fs';
import { Controller, Doc, Get, Reply, type ServerSentEvent, Signal, Sse } from 'luminaire';
import { Activity } from './activity.js';
import { Device } from './device.js';
import { Neighbours } from './neighbours.js';
import { Renderer } from './renderer.js';
import { Subscriptions } from './subscriptions.js';

const page = readFileSync(new URL('page.html', import.meta.url), 'utf8');

const HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy':
    "default-src 'none'; connect-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; frame-ancestors 'none'",
};

/** A page that shows what is going on. */
@Controller()
export class PageController {
  constructor(
    private readonly device: Device,
    private readonly renderer: Renderer,
    private readonly subscriptions: Subscriptions,
    private readonly neighbours: Neighbours,
    private readonly activity: Activity,
  ) {}

  @Get('/')
  @Doc({ responses: { 200: { description: 'The page.', type: 'text/html' } } })
  show(): Reply {
    return new Reply(200, page, HEADERS);
  }

  /** Sends everything that the page shows, at once and after each change. */
  @Sse('/live')
  async *live(@Signal() gone: AbortSignal): AsyncGenerator<ServerSentEvent> {
    while (!gone.aborted) {
      const changed = this.activity.next(gone);
      yield { data: this.#everything() };
      await changed;
    }
  }

  #everything(): object {
    const { volume, isMuted, transport, uri } = this.renderer;
    return {
      device: { name: this.device.friendlyName, udn: this.device.udn, location: this.device.location },
      renderer: { volume, isMuted, transport, uri },
      subscriptions: this.subscriptions.all(),
      neighbours: this.neighbours.all(),
      activity: this.activity.entries,
    };
  }
}
