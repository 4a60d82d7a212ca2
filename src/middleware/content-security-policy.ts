/** Builds the value of Content-Security-Policy from its directives. */

import type { Request } from '../http/request.js';
import type { Response } from '../http/response.js';

/** One source of a directive; a function is asked for each response, a nonce for instance. */
export type PolicySource = string | ((req: Request, res: Response) => string);

/** What a page may load, and from where. */
export interface ContentSecurityPolicyOptions {
  /**
   * Sources by the name of the directive, `script-src` or `scriptSrc`; keywords keep their quotes: `"'self'"`. An empty list
   * is a directive without sources, `null` leaves out a default.
   */
  readonly directives?: Readonly<Record<string, string | readonly PolicySource[] | null>>;
  /** Whether directives that are not given have helmet's defaults. Default true. */
  readonly useDefaults?: boolean;
  /** Whether browsers only report what they would block. Default false. */
  readonly reportOnly?: boolean;
}

/** Makes the value of one response. */
export type MakePolicy = (req: Request, res: Response) => string;

/** A value, or what makes the one of each response. */
export type PolicyValue = string | MakePolicy;

const DEFAULTS: readonly (readonly [directive: string, sources: readonly string[]])[] = [
  ['default-src', ["'self'"]],
  ['base-uri', ["'self'"]],
  ['font-src', ["'self'", 'https:', 'data:']],
  ['form-action', ["'self'"]],
  ['frame-ancestors', ["'self'"]],
  ['img-src', ["'self'", 'data:']],
  ['object-src', ["'none'"]],
  ['script-src', ["'self'"]],
  ['script-src-attr', ["'none'"]],
  ['style-src', ["'self'", 'https:', "'unsafe-inline'"]],
  ['upgrade-insecure-requests', []],
];

const DIRECTIVE = /^[a-z](?:[a-zA-Z\d-]*[a-zA-Z\d])?$/;

/** Without quotes a browser takes them for hosts: the policy would say something else (CSP3 §2.3.1). */
const UNQUOTED =
  /^(?:none|self|strict-dynamic|report-sample|inline-speculation-rules|unsafe-inline|unsafe-eval|unsafe-hashes|wasm-unsafe-eval|nonce-.*|sha(?:256|384|512)-.*)$/;

/** @throws TypeError for a directive that is malformed or given twice, and where `default-src` is missing. */
export function buildPolicy({ directives = {}, useDefaults = true }: ContentSecurityPolicyOptions): PolicyValue {
  const policy = new Map<string, readonly PolicySource[]>(useDefaults ? DEFAULTS : []);
  const given = new Set<string>();
  for (const [name, sources] of Object.entries(directives)) {
    const directive = directiveOf(name);
    if (given.has(directive)) throw new TypeError(`contentSecurityPolicy: ${directive} is given twice`);
    given.add(directive);
    if (sources === null) policy.delete(directive);
    else policy.set(directive, checkSources(directive, typeof sources === 'string' ? [sources] : sources));
  }
  if (!policy.has('default-src')) {
    throw new TypeError(
      'contentSecurityPolicy: default-src is missing, and anything would be allowed that nothing names',
    );
  }
  const parts = [...policy];
  if (parts.every(([, sources]) => sources.every((source) => typeof source === 'string'))) return writePolicy(parts);
  return (req, res) => writePolicy(parts, (directive, source) => checkSource(directive, source(req, res)));
}

function directiveOf(name: string): string {
  if (!DIRECTIVE.test(name)) throw new TypeError(`contentSecurityPolicy: ${JSON.stringify(name)} is no directive`);
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function checkSources(directive: string, sources: readonly PolicySource[]): readonly PolicySource[] {
  if (!Array.isArray(sources)) {
    throw new TypeError(`contentSecurityPolicy: ${directive} must be a list of sources, got ${typeof sources}`);
  }
  for (const source of sources) if (typeof source !== 'function') checkSource(directive, source);
  return sources;
}

function checkSource(directive: string, source: unknown): string {
  const refuse = (why: string): never => {
    throw new TypeError(`contentSecurityPolicy: ${JSON.stringify(source)} in ${directive} ${why}`);
  };
  if (typeof source !== 'string') return refuse('is no text');
  if (/[;,]/.test(source)) return refuse('would end the directive');
  if (UNQUOTED.test(source)) return refuse(`needs quotes: "'${source}'"`);
  return source;
}

function writePolicy(
  parts: readonly (readonly [string, readonly PolicySource[]])[],
  ask: (directive: string, source: Exclude<PolicySource, string>) => string = () => '',
): string {
  return parts
    .map(([directive, sources]) =>
      [directive, ...sources.map((source) => (typeof source === 'string' ? source : ask(directive, source)))].join(' '),
    )
    .join(';');
}
