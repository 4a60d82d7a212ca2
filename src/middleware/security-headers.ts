/** Sets the fields that make browsers guard what they are sent. */

import { FieldLines } from '../http/field-lines.js';
import type { Middleware } from '../http/handler.js';
import {
  buildPolicy,
  type ContentSecurityPolicyOptions,
  type MakePolicy,
  type PolicyValue,
} from './content-security-policy.js';

type ReferrerPolicy =
  | 'no-referrer'
  | 'no-referrer-when-downgrade'
  | 'same-origin'
  | 'origin'
  | 'strict-origin'
  | 'origin-when-cross-origin'
  | 'strict-origin-when-cross-origin'
  | 'unsafe-url'
  | '';

/** The names, values and defaults of helmet 8: `false` leaves a field out, `true` is its default. */
export interface SecurityHeadersOptions {
  /** What the page may load, run and be framed by. Default: itself, styles and fonts from `https:`, no inline scripts. */
  readonly contentSecurityPolicy?: boolean | ContentSecurityPolicyOptions;
  /** Which resources of other origins a page may embed. Default: left out. */
  readonly crossOriginEmbedderPolicy?:
    | boolean
    | { readonly policy?: 'require-corp' | 'credentialless' | 'unsafe-none' };
  /** Which pages share a browsing context with this one. Default `same-origin`. */
  readonly crossOriginOpenerPolicy?:
    | boolean
    | { readonly policy?: 'same-origin' | 'same-origin-allow-popups' | 'noopener-allow-popups' | 'unsafe-none' };
  /** Which pages may embed the response. Default `same-origin`. */
  readonly crossOriginResourcePolicy?: boolean | { readonly policy?: 'same-origin' | 'same-site' | 'cross-origin' };
  /** Whether the origin asks for a process of its own. Default true. */
  readonly originAgentCluster?: boolean;
  /** What the page tells other sites about where a visitor comes from; several are fallbacks. Default `no-referrer`. */
  readonly referrerPolicy?: boolean | { readonly policy?: ReferrerPolicy | readonly ReferrerPolicy[] };
  /** For how many **seconds** browsers use TLS only (RFC 6797); they ignore it over http. Default a year, with subdomains. */
  readonly strictTransportSecurity?:
    | boolean
    | { readonly maxAge?: number; readonly includeSubDomains?: boolean; readonly preload?: boolean };
  /** Whether browsers are kept from guessing types. Default true. */
  readonly xContentTypeOptions?: boolean;
  /** Whether browsers may look up names ahead. Default: they may not. */
  readonly xDnsPrefetchControl?: boolean | { readonly allow?: boolean };
  readonly xDownloadOptions?: boolean;
  /** Who may frame the page, where browsers do not know `frame-ancestors`. Default `sameorigin`. */
  readonly xFrameOptions?: boolean | { readonly action?: 'deny' | 'sameorigin' };
  readonly xPermittedCrossDomainPolicies?:
    | boolean
    | { readonly permittedPolicies?: 'none' | 'master-only' | 'by-content-type' | 'all' };
  /** Whether the filter of old browsers is switched off, which let attackers remove scripts. Default true. */
  readonly xXssProtection?: boolean;
}

type OptionName = keyof SecurityHeadersOptions;
type Field = readonly [name: string, value: PolicyValue];

const YEAR = 365 * 24 * 60 * 60;

/** What each option puts into the response, in helmet's order. An option that is `true` or absent gives its builder `{}`. */
const BUILDERS: { readonly [Name in OptionName]-?: (options: never) => Field } = {
  contentSecurityPolicy: (options: ContentSecurityPolicyOptions) => [
    options.reportOnly ? 'Content-Security-Policy-Report-Only' : 'Content-Security-Policy',
    buildPolicy(options),
  ],
  crossOriginEmbedderPolicy: choice('crossOriginEmbedderPolicy', 'Cross-Origin-Embedder-Policy', 'policy', [
    'require-corp',
    'credentialless',
    'unsafe-none',
  ]),
  crossOriginOpenerPolicy: choice('crossOriginOpenerPolicy', 'Cross-Origin-Opener-Policy', 'policy', [
    'same-origin',
    'same-origin-allow-popups',
    'noopener-allow-popups',
    'unsafe-none',
  ]),
  crossOriginResourcePolicy: choice('crossOriginResourcePolicy', 'Cross-Origin-Resource-Policy', 'policy', [
    'same-origin',
    'same-site',
    'cross-origin',
  ]),
  originAgentCluster: () => ['Origin-Agent-Cluster', '?1'],
  referrerPolicy: (options: { policy?: unknown }) => ['Referrer-Policy', writeReferrerPolicy(options.policy)],
  strictTransportSecurity: (options: Record<string, unknown>) => ['Strict-Transport-Security', writeTransport(options)],
  xContentTypeOptions: () => ['X-Content-Type-Options', 'nosniff'],
  xDnsPrefetchControl: ({ allow }: { allow?: boolean }) => ['X-DNS-Prefetch-Control', allow ? 'on' : 'off'],
  xDownloadOptions: () => ['X-Download-Options', 'noopen'],
  xFrameOptions: (options: Record<string, unknown>) => {
    const [name, value] = choice('xFrameOptions', 'X-Frame-Options', 'action', ['sameorigin', 'deny'])(
      options as never,
    );
    return [name, (value as string).toUpperCase()];
  },
  xPermittedCrossDomainPolicies: choice(
    'xPermittedCrossDomainPolicies',
    'X-Permitted-Cross-Domain-Policies',
    'permittedPolicies',
    ['none', 'master-only', 'by-content-type', 'all'],
  ),
  xXssProtection: () => ['X-XSS-Protection', '0'],
};

const LEFT_OUT_BY_DEFAULT: ReadonlySet<string> = new Set(['crossOriginEmbedderPolicy']);

const REFERRER_POLICIES: readonly string[] = [
  'no-referrer',
  'no-referrer-when-downgrade',
  'same-origin',
  'origin',
  'strict-origin',
  'origin-when-cross-origin',
  'strict-origin-when-cross-origin',
  'unsafe-url',
  '',
];

/**
 * Sets the fields of helmet 8, with its defaults, on every response, also that of an error. They are set before the
 * handler runs: one that needs something else sets it by `res.setHeader`.
 *
 * @throws TypeError for an option that is unknown or wrong: a page would be less guarded than was meant.
 */
export function securityHeaders(options: SecurityHeadersOptions = {}): Middleware {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(BUILDERS, name));
  if (unknown !== undefined) {
    throw new TypeError(`securityHeaders: ${unknown} is no option; there are ${Object.keys(BUILDERS).join(', ')}`);
  }
  const fields = (Object.keys(BUILDERS) as OptionName[]).flatMap((name) => buildField(name, options[name]));
  const fixed = new FieldLines(fields.filter((field): field is [string, string] => typeof field[1] === 'string'));
  const policy = fields.find(([, value]) => typeof value === 'function') as [string, MakePolicy] | undefined;
  return function securityHeaders(req, res, next) {
    if (policy !== undefined) res.setHeader(policy[0], policy[1](req, res));
    res.setFields(fixed);
    return next(req, res);
  };
}

function buildField(name: OptionName, option: unknown): Field[] {
  if (option === false || (option === undefined && LEFT_OUT_BY_DEFAULT.has(name))) return [];
  const isDefault = option === undefined || option === true;
  if (!isDefault && (typeof option !== 'object' || option === null || BUILDERS[name].length === 0)) {
    const expected = BUILDERS[name].length === 0 ? 'a boolean' : 'a boolean or an object';
    throw new TypeError(`securityHeaders: ${name} must be ${expected}, got ${JSON.stringify(option)}`);
  }
  return [BUILDERS[name]((isDefault ? {} : option) as never)];
}

/** A field whose value is one of a few, the first by default. */
function choice(option: string, field: string, member: string, allowed: readonly string[]) {
  return (options: Readonly<Record<string, unknown>>): Field => {
    const { [member]: value = allowed[0] } = options;
    if (typeof value === 'string' && allowed.includes(value)) return [field, value];
    const found = JSON.stringify(value);
    throw new TypeError(`securityHeaders: ${option}.${member} must be one of ${allowed.join(', ')}, got ${found}`);
  };
}

function writeReferrerPolicy(policy: unknown = 'no-referrer'): string {
  const tokens: readonly unknown[] = Array.isArray(policy) ? policy : [policy];
  const isKnown = tokens.every((token) => typeof token === 'string' && REFERRER_POLICIES.includes(token));
  if (isKnown && tokens.length > 0 && new Set(tokens).size === tokens.length) return tokens.join(',');
  throw new TypeError(
    `securityHeaders: referrerPolicy.policy must be one or several of ${REFERRER_POLICIES.join(', ')}, got ${JSON.stringify(policy)}`,
  );
}

function writeTransport(options: Readonly<Record<string, unknown>>): string {
  const unknown = Object.keys(options).find((name) => !['maxAge', 'includeSubDomains', 'preload'].includes(name));
  if (unknown !== undefined) {
    throw new TypeError(
      `securityHeaders: strictTransportSecurity has maxAge, includeSubDomains and preload, got ${unknown}`,
    );
  }
  const { maxAge = YEAR, includeSubDomains = true, preload = false } = options;
  if (!(typeof maxAge === 'number' && Number.isFinite(maxAge) && maxAge >= 0)) {
    throw new TypeError(`securityHeaders: strictTransportSecurity.maxAge must be seconds from 0, got ${maxAge}`);
  }
  return `max-age=${Math.floor(maxAge)}${includeSubDomains ? '; includeSubDomains' : ''}${preload ? '; preload' : ''}`;
}
