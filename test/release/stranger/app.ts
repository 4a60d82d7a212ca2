/** An application as somebody writes it who has installed the package. */

import {
  accessLog,
  Body,
  Controller,
  Cookie,
  cookies,
  cors,
  createApp,
  From,
  Get,
  Header,
  HttpError,
  health,
  injectable,
  type Middleware,
  type MiddlewareInstance,
  type Next,
  OnError,
  Param,
  Post,
  Produces,
  Query,
  type Request,
  type Resolver,
  type Response,
  Returns,
  requestScoped,
  Signal,
  Sse,
  Topic,
  Use,
} from 'luminaire';

/** A schema by hand: those of libraries are tested where their libraries are. */
interface Schema<T> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: 'stranger';
    readonly types?: { readonly input: T; readonly output: T };
    readonly validate: (value: unknown) => { readonly value: T } | { readonly issues: { readonly message: string }[] };
  };
}

interface Planet {
  readonly name: string;
}

const isPlanet = (value: unknown): value is Planet => typeof (value as Planet | undefined)?.name === 'string';

export const PlanetSchema: Schema<Planet> = {
  '~standard': {
    version: 1,
    vendor: 'stranger',
    validate: (value) => (isPlanet(value) ? { value } : { issues: [{ message: 'a planet has a name' }] }),
  },
};

export class NoSuchPlanet extends Error {}

export class Planets {
  readonly #names = ['Mercury', 'Venus', 'Earth', 'Mars'];

  list(startsWith: string): string[] {
    return this.#names.filter((name) => name.startsWith(startsWith));
  }

  find(position: number): Planet {
    const name = this.#names[position - 1];
    if (name === undefined) throw new NoSuchPlanet();
    return { name };
  }
}

@injectable()
export class Audit implements MiddlewareInstance {
  constructor(private readonly planets: Planets) {}

  async handle(req: Request, res: Response, next: Next): Promise<void> {
    res.addHeader('X-Planets', String(this.planets.list('').length));
    await next(req, res);
  }
}

@requestScoped()
export class Caller implements Resolver<string> {
  resolve(req: Request): string {
    const name = req.headers.get('x-caller');
    HttpError.assert(name, 'Who asks?', 401);
    return name;
  }
}

const named: Middleware = (req, res, next) => next(req, res);

// What a package of decorators would declare: with `declaration` each type has to have a name.
export const Audited = () => Use(Audit, named);
export const Found = (path: string) => Get(path);
export const Text = () => Produces('application/json', { 'text/plain': ({ name }: Planet) => name });
export const Position = () => Param('position');
export const crossOrigin = cors({ origins: ['https://stranger.example'] });
export const changes = new Topic<Planet>();

@Controller('/planets')
@Audited()
export class PlanetController {
  constructor(private readonly planets: Planets) {}

  @Get()
  list(@Query('starts-with?') startsWith?: string, @Header('accept?') _accept?: string): string[] {
    return this.planets.list(startsWith ?? '');
  }

  @Found('/:position')
  @Text()
  show(@Param('position') position: number): Planet {
    return this.planets.find(position);
  }

  @Post()
  @Returns(201, PlanetSchema)
  async create(@Body(PlanetSchema) planet: Planet, @From(Caller) _caller: string): Promise<Planet> {
    await changes.publish(planet);
    return planet;
  }

  @Get('/cookie')
  cookie(@Cookie('tried') tried: boolean): boolean {
    return tried;
  }

  @Sse('/changes')
  async *changes(@Signal() signal: AbortSignal) {
    yield 'begin';
    yield* changes.subscribe({ signal });
  }

  @OnError(NoSuchPlanet)
  missing(error: NoSuchPlanet): never {
    throw new HttpError('There is no such planet.', 404, { cause: error });
  }
}

export const app = createApp({
  controllers: [PlanetController],
  use: [health(), accessLog({ skip: () => true }), crossOrigin, cookies()],
});

/** What else can be held, and declared without saying its type. */
export async function parts() {
  const built = await app;
  return { built, server: built.server, router: built.server.router, container: built.container, routes: built.routes };
}
