/** NestJS: the modules that both of its platforms serve, as its documentation shows. */

import { Readable } from 'node:stream';
import {
  type ArgumentMetadata,
  Body,
  Controller,
  type DynamicModule,
  Get,
  Header,
  HttpCode,
  type INestApplication,
  Injectable,
  type MiddlewareConsumer,
  Module,
  type NestMiddleware,
  type NestModule,
  Param,
  ParseIntPipe,
  type PipeTransform,
  Post,
  Req,
  StreamableFile,
  type Type,
  UnprocessableEntityException,
  UsePipes,
} from '@nestjs/common';
import type { ZodType } from 'zod';
import { HOST, KEEP_ALIVE_MS, reportPort, startPart } from '../part.js';
import type { NewOrder as Order } from '../work/new-order.js';
import {
  Greeter,
  Library,
  Orders,
  type PlacedOrder,
  RESOURCES,
  STEPS,
  Ticker,
  type User,
  Users,
} from '../work/work.js';

const JSON_TYPE = 'application/json; charset=utf-8';
const TEXT = 'text/plain; charset=utf-8';

@Controller()
class HelloController {
  constructor(private readonly greeter: Greeter) {}

  @Get()
  @Header('Content-Type', TEXT)
  hello(): string {
    return this.greeter.greet();
  }
}

@Controller('users')
class UserController {
  constructor(private readonly users: Users) {}

  @Get(':id')
  show(@Param('id', ParseIntPipe) id: number): User {
    return this.users.find(id);
  }
}

class ZodValidationPipe implements PipeTransform {
  constructor(private readonly schema: ZodType) {}

  transform(value: unknown, _metadata: ArgumentMetadata): unknown {
    const parsed = this.schema.safeParse(value);
    if (!parsed.success) throw new UnprocessableEntityException(parsed.error.issues);
    return parsed.data;
  }
}

async function orderController(): Promise<Type> {
  const { NewOrder } = await import('../work/new-order.js');

  @Controller('orders')
  class OrderController {
    constructor(private readonly orders: Orders) {}

    @Post()
    @UsePipes(new ZodValidationPipe(NewOrder))
    place(@Body() order: Order): PlacedOrder {
      return this.orders.place(order);
    }
  }
  return OrderController;
}

interface Stepped {
  steps?: number;
}

/** A class of its own each time: NestJS runs the same one once. */
function stepMiddleware(): Type<NestMiddleware> {
  @Injectable()
  class StepMiddleware implements NestMiddleware {
    async use(req: Stepped, _res: unknown, next: () => void): Promise<void> {
      req.steps = (req.steps ?? 0) + 1;
      next();
    }
  }
  return StepMiddleware;
}

@Controller('steps')
class StepController {
  @Get()
  @Header('Content-Type', TEXT)
  count(@Req() req: Stepped & { raw?: Stepped }): string {
    // On Fastify the middleware saw the request of node:http below.
    return `${(req.raw ?? req).steps} steps`;
  }
}

@Module({ controllers: [StepController] })
class StepModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(...Array.from({ length: STEPS }, stepMiddleware)).forRoutes(StepController);
  }
}

function resourceController(name: string): Type {
  @Controller(name)
  class ResourceController {
    @Get()
    @Header('Content-Type', TEXT)
    list(): string {
      return `all of ${name}`;
    }

    @Get(':id')
    @Header('Content-Type', TEXT)
    show(@Param('id') id: string): string {
      return `${name} ${id}`;
    }

    @Get(':id/history')
    @Header('Content-Type', TEXT)
    history(@Param('id') id: string): string {
      return `history of ${name} ${id}`;
    }
  }
  return ResourceController;
}

@Controller('library')
class LibraryController {
  constructor(private readonly library: Library) {}

  @Get('plain')
  @Header('Content-Type', JSON_TYPE)
  plain(): string {
    return this.library.plainJson;
  }

  @Get('foreign')
  @Header('Content-Type', JSON_TYPE)
  foreign(): string {
    return this.library.foreignJson;
  }

  @Get('objects')
  objects(): Library['plain'] {
    return this.library.plain;
  }
}

@Controller('upload')
class UploadController {
  @Post()
  @HttpCode(200)
  @Header('Content-Type', TEXT)
  async count(@Req() req: Readable & { raw?: Readable }): Promise<string> {
    let size = 0;
    for await (const chunk of req.raw ?? req) size += chunk.length;
    return String(size);
  }
}

@Controller('ticks')
class TickController {
  constructor(private readonly ticker: Ticker) {}

  @Get()
  all(): StreamableFile {
    return new StreamableFile(Readable.from(this.ticker.ticks(), { objectMode: false }), { type: TEXT });
  }
}

class AppModule {}

function moduleOf(controllers: Type[], providers: Type[] = []): DynamicModule {
  return { module: AppModule, controllers, providers };
}

/** Starts the part asked for, on the platform that `create` puts below. */
export async function startNest(create: (module: DynamicModule | Type) => Promise<INestApplication>): Promise<void> {
  const start = async (module: DynamicModule | Type): Promise<void> => {
    const app = await create(module);
    app.getHttpServer().keepAliveTimeout = KEEP_ALIVE_MS;
    await app.listen(0, HOST);
    reportPort(app.getHttpServer().address().port);
  };
  await startPart({
    hello: () => start(moduleOf([HelloController], [Greeter])),
    user: () => start(moduleOf([UserController], [Users])),
    order: async () => start(moduleOf([await orderController()], [Orders])),
    middlewares: () => start(StepModule),
    routes: () => start(moduleOf(RESOURCES.map(resourceController))),
    library: () => start(moduleOf([LibraryController], [Library])),
    upload: () => start(moduleOf([UploadController])),
    ticks: () => start(moduleOf([TickController], [Ticker])),
  });
}
