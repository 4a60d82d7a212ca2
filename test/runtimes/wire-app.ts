/** The application that is run on other runtimes: the sample `hello`, the wire table, streams both ways. */

import {
  type AppOptions,
  Controller,
  compress,
  conditional,
  Get,
  Post,
  Req,
  Request,
  rateLimit,
  type ServerSentEvent,
  Signal,
  Sse,
  trustProxy,
  Use,
} from 'luminaire';
import { HelloController } from '../../samples/hello/hello.controller.js';
import { ROWS } from '../support/wire-rows.js';

/** Each row returns at `/rows/0/now` and `/rows/0/later`. */
const rows = ROWS.map((row, i) => {
  @Controller(`/rows/${i}`)
  class Returning {
    @Get('/now') now() {
      return row.make();
    }
    @Get('/later') async later() {
      return row.make();
    }
  }
  return Returning;
});

@Controller()
class Streams {
  #left = 0;

  @Post('/size') async size(@Req() req: Request) {
    let size = 0;
    for await (const piece of req.stream) size += piece.length;
    return size;
  }

  @Get('/bytes') async *bytes() {
    for (let i = 0; i < 100; i++) yield new Uint8Array(65_536).fill(i);
  }

  @Get('/address') address(@Req() req: Request) {
    return req.remoteAddress;
  }

  @Sse('/events') async *events(@Signal() gone: AbortSignal): AsyncGenerator<ServerSentEvent> {
    try {
      for (let i = 0; !gone.aborted; i++) {
        yield { data: String(i) };
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    } finally {
      this.#left++;
    }
  }

  @Get('/left') left() {
    return this.#left;
  }
}

/** Each of them takes a package that is loaded only where it is used. */
@Controller('/packages')
class Packages {
  @Get('/compress') @Use(compress({ threshold: 0 })) compress() {
    return 'a'.repeat(10_000);
  }

  @Get('/conditional') @Use(conditional()) conditional() {
    return 'an answer with a tag';
  }

  @Get('/rate-limit') @Use(rateLimit({ quota: 2, key: () => 'everybody' })) rateLimit() {
    return 'not too often';
  }

  @Get('/trust-proxy') trustProxy(@Req() req: Request) {
    return req.remoteAddress;
  }
}

export const options: AppOptions = {
  controllers: [HelloController, Streams, Packages, ...rows],
  use: [trustProxy({ trust: ['loopback', '2001:db8::/32'] })],
  maxBodySize: 10_000_000,
};
