import { describe, expect, it } from 'vitest';
import {
  Controller,
  Doc,
  From,
  Get,
  injectable,
  type Middleware,
  type MiddlewareInstance,
  type Resolver,
  Security,
  type SecurityScheme,
  Use,
} from '../../src/index.js';
import { describeAll } from './described.js';

const SESSION: SecurityScheme = { type: 'apiKey', in: 'cookie', name: 'session' };

@injectable()
@Security('session', SESSION)
class CurrentUser implements Resolver<string> {
  resolve(): string {
    return 'ada';
  }
}

@injectable()
@Doc({ responses: { 403: 'For administrators.' } })
class Administrator implements Resolver<string> {
  constructor(private readonly user: CurrentUser) {}
  resolve(): string {
    return this.user.resolve();
  }
}

@Security('session', SESSION, { isOptional: true })
class PerhapsUser implements Resolver<string | undefined> {
  resolve(): string | undefined {
    return undefined;
  }
}

@Security('key', { type: 'apiKey', in: 'header', name: 'X-Key' }, { scopes: ['read'] })
class ApiKey implements MiddlewareInstance {
  handle(...[req, res, next]: Parameters<Middleware>) {
    return next(req, res);
  }
}

@Controller('/open')
class OpenController {
  @Get() all(): string {
    return '';
  }
  @Get('/mine') mine(@From(CurrentUser) user: string): string {
    return user;
  }
  @Get('/ours') ours(@From(Administrator) user: string): string {
    return user;
  }
  @Get('/perhaps') perhaps(@From(PerhapsUser) user: string | undefined): string {
    return `${user}`;
  }
  @Get('/both') @Use(ApiKey) both(@From(PerhapsUser) user: string | undefined): string {
    return `${user}`;
  }
  @Get('/own') @Security('token', { type: 'http', scheme: 'bearer' }) own(): string {
    return '';
  }
}

@Controller('/closed')
@Use(ApiKey)
class ClosedController {
  @Get() all(@From(CurrentUser) user: string): string {
    return user;
  }
}

const { document, operation, warnings } = await describeAll([OpenController, ClosedController]);

describe('the security of an operation', () => {
  it.each<[place: string, security: unknown, statuses: string[]]>([
    ['get /open', undefined, ['200', '500']],
    ['get /open/mine', [{ session: [] }], ['200', '401', '500']],
    ['get /open/ours', [{ session: [] }], ['200', '401', '403', '500']],
    ['get /open/perhaps', [{ session: [] }, {}], ['200', '500']],
    ['get /open/both', [{ key: ['read'], session: [] }, { key: ['read'] }], ['200', '401', '500']],
    ['get /open/own', [{ token: [] }], ['200', '401', '500']],
    ['get /closed', [{ key: ['read'], session: [] }], ['200', '401', '500']],
  ])('of %s', (place, security, statuses) => {
    expect(operation(place).security).toEqual(security);
    expect(Object.keys(operation(place).responses)).toEqual(statuses);
  });

  it('has its schemes in the document', () => {
    expect(document.components.securitySchemes).toEqual({
      session: SESSION,
      key: { type: 'apiKey', in: 'header', name: 'X-Key' },
      token: { type: 'http', scheme: 'bearer' },
    });
    expect(warnings).toEqual([]);
  });

  it('warns of one name for two schemes', async () => {
    @Controller()
    class A {
      @Get('/a') @Security('x', { type: 'http', scheme: 'basic' }) a(): string {
        return '';
      }
      @Get('/b') @Security('x', { type: 'http', scheme: 'bearer' }) b(): string {
        return '';
      }
    }
    expect((await describeAll([A])).warnings).toEqual([
      'A.b: expected one scheme for @Security("x"), found two that differ. Give one of them another name, or both the same constant.',
    ]);
  });
});
