import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Doc, Get, Reply, type ServerSentEvent, Signal, Sse } from 'luminaire';

const page = readFileSync(new URL('dynamic.html', import.meta.url), 'utf8');

/** A page that changes while it is open. */
@Controller()
export class DynamicController {
  @Get('/dynamic')
  @Doc({ responses: { 200: { description: 'The page.', type: 'text/html' } } })
  show(): Reply {
    return new Reply(200, page, { 'Content-Type': 'text/html; charset=utf-8' });
  }

  /** Counts down from 10, clears the page and begins again, until the client leaves. */
  @Sse('/sse')
  async *countdown(@Signal() gone: AbortSignal): AsyncGenerator<ServerSentEvent> {
    for (;;) {
      for (let count = 10; count > 0; count--) {
        yield { data: String(count) };
        await sleep(500, undefined, { signal: gone });
      }
      yield { event: 'clear', data: '' };
    }
  }
}
