/** Runs the `luminaire` command, without a process around it. */

import { parseArgs } from 'node:util';
import { describeApp } from '../bootstrap/api-document.js';
import { BootError, describeFindings, type Finding } from '../bootstrap/checks/finding.js';
import { explainRequest } from '../bootstrap/explain-request.js';
import { type AppLike, checkApp, inspectApp, listRoutes } from '../bootstrap/inspect-app.js';
import { loadApp, NoApp } from './load-app.js';

export const USAGE = `luminaire routes APP                        lists the routes of an application
luminaire routes APP --explain "GET /path"  tells what a request meets, in order
luminaire check APP                         proves the application; opens no port, makes nothing
luminaire openapi APP                       writes its OpenAPI 3.1 document; opens no port, makes nothing

APP is the path of a compiled module that exports createApp({ ... }), or its options, as default, app or options.
`;

/** What the command says and how it ends: 0 well, 1 with findings, 2 where it was not understood. */
export interface CommandResult {
  readonly exitCode: 0 | 1 | 2;
  readonly output: string;
  readonly errors: string;
}

/** Runs the command with its arguments. */
export async function runCommand(args: readonly string[]): Promise<CommandResult> {
  const given = readArguments(args);
  if (typeof given === 'string') return failed(2, `${given}\n\n${USAGE}`);
  const { command, path, explain, help } = given;
  if (help) return { exitCode: 0, output: USAGE, errors: '' };
  if (command !== 'routes' && command !== 'check' && command !== 'openapi') return failed(2, USAGE);
  if (path === undefined) return failed(2, `Name the module of the application.\n\n${USAGE}`);
  if (explain !== undefined && command !== 'routes') return failed(2, `--explain goes with routes.\n\n${USAGE}`);
  let app: AppLike;
  try {
    app = await loadApp(path);
  } catch (error) {
    return failed(1, `${sayNotLoaded(error, path)}\n`);
  }
  if (command === 'check') return check(app);
  if (command === 'openapi') return describe(app);
  if (explain === undefined) return { exitCode: 0, output: listRoutes(app), errors: '' };
  try {
    return { exitCode: 0, output: explainRequest(app, explain), errors: '' };
  } catch (error) {
    if (error instanceof TypeError) return failed(2, `${error.message}\n`);
    throw error;
  }
}

function readArguments(
  args: readonly string[],
): string | { command?: string; path?: string; explain?: string; help: boolean } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { explain: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
    const [command, path, ...rest] = positionals;
    if (rest.length > 0) return `Not understood: ${rest.join(' ')}.`;
    return {
      help: values.help ?? false,
      ...(command === undefined ? {} : { command }),
      ...(path === undefined ? {} : { path }),
      ...(values.explain === undefined ? {} : { explain: values.explain }),
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function check(app: AppLike): CommandResult {
  const { errors, warnings } = checkApp(app);
  const warned = sayWarnings(warnings);
  if (errors.length > 0) {
    const said = `The application cannot start: ${count(errors.length, 'finding')}\n${describeFindings(errors)}\n`;
    return failed(1, said + warned);
  }
  const routes = count(inspectApp(app).routes.length, 'route');
  return { exitCode: 0, output: `The application can start: ${routes}.\n`, errors: warned };
}

async function describe(app: AppLike): Promise<CommandResult> {
  try {
    const { document, warnings } = await describeApp(app);
    return { exitCode: 0, output: `${JSON.stringify(document, undefined, 2)}\n`, errors: sayWarnings(warnings) };
  } catch (error) {
    if (error instanceof BootError) return failed(1, `${error.message}\n`);
    throw error;
  }
}

function sayWarnings(warnings: readonly Finding[]): string {
  return warnings.length === 0 ? '' : `${count(warnings.length, 'warning')}\n${describeFindings(warnings)}\n`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function failed(exitCode: 1 | 2, errors: string): CommandResult {
  return { exitCode, output: '', errors };
}

/** Node says of a cycle only which name was not there yet. */
function sayNotLoaded(error: unknown, path: string): string {
  if (error instanceof NoApp) return error.message;
  if (!(error instanceof Error)) return `${path} could not be loaded: ${String(error)}`;
  const isCycle = error instanceof ReferenceError && error.message.endsWith('before initialization');
  const hint = isCycle
    ? ' Two modules import each other, so that a class was used before its module had been evaluated: move one of the ' +
      'classes, or write @inject(delay(() => TheClass)) where it is injected.'
    : '';
  return `${path} could not be loaded.${hint}\n${error.stack ?? error.message}`;
}
