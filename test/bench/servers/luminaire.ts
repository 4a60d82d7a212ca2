/** Decorated controllers with injected services: what the ratios speak of. */

import { Body, bootstrap, type Class, Controller, Get, Param, Post, Reply, Req, Request, Status, Use } from 'luminaire';
import { HOST, reportPort, startPart } from '../part.js';
import type { NewOrder as Order } from '../work/new-order.js';
import { Greeter, Library, Orders, type PlacedOrder, RESOURCES, Ticker, type User, Users } from '../work/work.js';
import { step } from './luminaire-step.js';

@Controller()
class HelloController {
  constructor(private readonly greeter: Greeter) {}

  @Get('/')
  hello(): string {
    return this.greeter.greet();
  }
}

@Controller('/users')
class UserController {
  constructor(private readonly users: Users) {}

  @Get('/:id')
  show(@Param('id') id: number): User {
    return this.users.find(id);
  }
}

/** Declares the controller where its schema is at hand. */
async function orderController(): Promise<Class> {
  const { NewOrder } = await import('../work/new-order.js');

  @Controller('/orders')
  class OrderController {
    constructor(private readonly orders: Orders) {}

    @Post()
    @Status(201)
    place(@Body(NewOrder) order: Order): PlacedOrder {
      return this.orders.place(order);
    }
  }
  return OrderController;
}

/** Declared on demand: the emitted type of `req` is the global Request, which makes Node load all of fetch. */
function stepController(): Class {
  @Controller('/steps')
  @Use(step, step)
  class StepController {
    @Get()
    @Use(step, step, step)
    count(@Req() req: Request): string {
      return `${req.state.steps} steps`;
    }
  }
  return StepController;
}

function resourceController(name: string): Class {
  @Controller(`/${name}`)
  class ResourceController {
    @Get()
    list(): string {
      return `all of ${name}`;
    }

    @Get('/:id')
    show(@Param('id') id: string): string {
      return `${name} ${id}`;
    }

    @Get('/:id/history')
    history(@Param('id') id: string): string {
      return `history of ${name} ${id}`;
    }
  }
  return ResourceController;
}

const JSON_FIELDS = { 'Content-Type': 'application/json' };

@Controller('/library')
class LibraryController {
  constructor(private readonly library: Library) {}

  @Get('/plain')
  plain(): Reply {
    return new Reply(200, this.library.plainJson, JSON_FIELDS);
  }

  @Get('/foreign')
  foreign(): Reply {
    return new Reply(200, this.library.foreignJson, JSON_FIELDS);
  }

  @Get('/objects')
  objects(): Library['plain'] {
    return this.library.plain;
  }
}

/** Declared on demand, as the {@link stepController}. */
function uploadController(): Class {
  @Controller('/upload')
  class UploadController {
    @Post()
    async count(@Req() req: Request): Promise<string> {
      let size = 0;
      for await (const piece of req.stream) size += piece.length;
      return String(size);
    }
  }
  return UploadController;
}

@Controller('/ticks')
class TickController {
  constructor(private readonly ticker: Ticker) {}

  @Get()
  all(): Reply {
    return new Reply(200, this.ticker.ticks(), { 'Content-Type': 'text/plain; charset=utf-8' });
  }
}

async function start(...controllers: readonly Class[]): Promise<void> {
  const app = await bootstrap({ controllers, port: 0, host: HOST });
  reportPort(app.server.port);
}

await startPart({
  hello: () => start(HelloController),
  user: () => start(UserController),
  order: async () => start(await orderController()),
  middlewares: () => start(stepController()),
  routes: () => start(...RESOURCES.map(resourceController)),
  library: () => start(LibraryController),
  upload: () => start(uploadController()),
  ticks: () => start(TickController),
});
