/** Proves an application, and tells what it is made of, without making anything. */

import { Opts, type ServerOptions } from '../server/opts.js';
import { type ApplicationPlan, planApplication } from './application-plan.js';
import type { AppOptions } from './bootstrap.js';
import { byFile, type Finding, finding } from './checks/finding.js';
import { Container } from './container.js';
import { describeRoutes, middlewareName } from './route-table.js';

/** An application, be it described, built or only its options. */
export type AppLike =
  | AppOptions
  | { readonly options: AppOptions }
  | { readonly setup: { readonly options: AppOptions } };

/** What is wrong with an application, and what may be. */
export interface AppReport {
  /** Sorted by file. With any of these it does not start. */
  readonly errors: readonly Finding[];
  readonly warnings: readonly Finding[];
}

/** An application that was read, with everything that explains it. */
export interface InspectedApp extends ApplicationPlan {
  readonly options: AppOptions;
  readonly container: Container;
  /** `undefined` where the options are wrong. */
  readonly opts: Opts | undefined;
}

/** Proves an application: no port is opened, no class is made, nothing is started. */
export function checkApp(app: AppLike): AppReport {
  const { errors, warnings } = inspectApp(app);
  return { errors, warnings };
}

/** Lists the routes of an application, one a line: method, path, what stands around it, and its place. */
export function listRoutes(app: AppLike): string {
  const { routes } = inspectApp(app);
  return describeRoutes(
    routes.map(({ route, pattern, place, middleware }) => ({
      method: route.method,
      sends: route.sends,
      pattern,
      middleware: middleware.map(middlewareName),
      place: place.name,
    })),
  );
}

/** Reads an application. */
export function inspectApp(app: AppLike): InspectedApp {
  const options = optionsOf(app);
  const {
    controllers,
    use = [],
    providers = [],
    timeout,
    docs,
    onError: _,
    context: __,
    socket: ___,
    ...rest
  } = options;
  const container = new Container(providers);
  const plan = planApplication({ controllers, use, container, timeout, docs });
  const [opts, wrong] = readOpts(rest);
  return { ...plan, errors: byFile([...wrong, ...plan.errors]), options, container, opts };
}

/** Gives the options of an application. */
export function optionsOf(app: AppLike): AppOptions {
  if ('setup' in app) return app.setup.options;
  return 'options' in app ? app.options : app;
}

/** `bootstrap` takes more than a server does. */
const OF_BOOTSTRAP = ['port', 'host', 'closeOnSignals'];

function readOpts(options: ServerOptions): [Opts | undefined, Finding[]] {
  const own = Object.fromEntries(Object.entries(options).filter(([name]) => !OF_BOOTSTRAP.includes(name)));
  try {
    return [Opts.new(own), []];
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return [
      undefined,
      [finding('options', 'options of a server', 'others', 'See "Options" in docs/reference.md.', said)],
    ];
  }
}
