import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import helmet, { type HelmetOptions } from 'helmet';
import { describe, expect, it } from 'vitest';
import { HttpError, type SecurityHeadersOptions, securityHeaders } from '../../src/index.js';
import { serveIn, WAYS } from '../support/both-ways.js';
import { request, serve } from '../support/served.js';

/** Fields that every response has, whoever guards it. */
const FRAMING = ['date', 'connection', 'keep-alive', 'content-length', 'content-type', 'transfer-encoding'];

type Lines = [name: string, value: string][];

const withoutFraming = (lines: Lines): Lines => lines.filter(([name]) => !FRAMING.includes(name.toLowerCase()));

/** What helmet puts into an answer of node:http. */
async function helmetLines(options: HelmetOptions): Promise<Lines> {
  const server = createServer((req, res) => helmet(options)(req, res, () => res.end('ok')));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await new Promise((resolve, reject) => {
      get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' }, (res) => {
        res.resume();
        const { rawHeaders } = res;
        const lines = rawHeaders.flatMap((name, i): Lines => (i % 2 === 0 ? [[name, rawHeaders[i + 1]]] : []));
        resolve(withoutFraming(lines));
      }).on('error', reject);
    });
  } finally {
    server.close();
  }
}

async function ourLines(options: SecurityHeadersOptions): Promise<Lines> {
  const { exchange } = await serve((server) =>
    server.use(securityHeaders(options)).get('/', (_req, res) => void res.send('ok')),
  );
  const [head] = (await exchange(request('GET /'))).split('\r\n\r\n');
  const lines = head.split('\r\n').slice(1);
  return withoutFraming(lines.map((line) => /^(.*?): (.*)$/.exec(line)?.slice(1) as [string, string]));
}

const same = <T extends SecurityHeadersOptions & HelmetOptions>(options: T) => options;

it.each([
  ['by default', same({})],
  ['where all are true', same({ contentSecurityPolicy: true, crossOriginEmbedderPolicy: true, xFrameOptions: true })],
  [
    'where all are false',
    same({
      contentSecurityPolicy: false,
      crossOriginEmbedderPolicy: false,
      crossOriginOpenerPolicy: false,
      crossOriginResourcePolicy: false,
      originAgentCluster: false,
      referrerPolicy: false,
      strictTransportSecurity: false,
      xContentTypeOptions: false,
      xDnsPrefetchControl: false,
      xDownloadOptions: false,
      xFrameOptions: false,
      xPermittedCrossDomainPolicies: false,
      xXssProtection: false,
    }),
  ],
  [
    'with another value for each',
    same({
      crossOriginEmbedderPolicy: { policy: 'credentialless' },
      crossOriginOpenerPolicy: { policy: 'same-origin-allow-popups' },
      crossOriginResourcePolicy: { policy: 'cross-origin' },
      referrerPolicy: { policy: ['no-referrer', 'strict-origin-when-cross-origin'] },
      strictTransportSecurity: { maxAge: 60.5, includeSubDomains: false, preload: true },
      xDnsPrefetchControl: { allow: true },
      xFrameOptions: { action: 'deny' },
      xPermittedCrossDomainPolicies: { permittedPolicies: 'by-content-type' },
    }),
  ],
  [
    'with objects that say nothing',
    same({ referrerPolicy: {}, strictTransportSecurity: {}, contentSecurityPolicy: {} }),
  ],
  ['with one referrer policy', same({ referrerPolicy: { policy: 'origin' } })],
  [
    'with more directives, in either spelling',
    same({
      contentSecurityPolicy: {
        directives: { scriptSrc: ["'self'", 'example.org'], 'connect-src': "'none'", styleSrc: null, sandbox: [] },
      },
    }),
  ],
  [
    'with directives of its own, reporting only',
    same({ contentSecurityPolicy: { useDefaults: false, reportOnly: true, directives: { defaultSrc: ["'self'"] } } }),
  ],
  [
    'with a source for each response',
    same({ contentSecurityPolicy: { directives: { scriptSrc: ["'self'", () => "'nonce-abc'"] } } }),
  ],
])('sets what helmet sets %s', async (_title, options) => {
  expect(await ourLines(options)).toEqual(await helmetLines(options));
});

describe.each(WAYS)('in %s', (way) => {
  it('guards the answer to an error as well', async () => {
    const { send } = await serveIn(way, [securityHeaders()], () => {
      throw new HttpError('No.', 403);
    });
    const answer = await send();
    expect(answer.status).toBe(403);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'self'");
  });

  it('lets the handler, and middleware inside of it, decide otherwise', async () => {
    const inner = securityHeaders({ xFrameOptions: { action: 'deny' } });
    const { send } = await serveIn(way, [securityHeaders(), inner], (_req, res) => {
      res.setHeader('Referrer-Policy', 'origin').removeHeader('Origin-Agent-Cluster').send('ok');
    });
    const { headers } = await send();
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('referrer-policy')).toBe('origin');
    expect(headers.get('origin-agent-cluster')).toBeNull();
  });

  it('asks for a source with the request, and leaves what it throws to the error path', async () => {
    const options: SecurityHeadersOptions = {
      contentSecurityPolicy: { directives: { scriptSrc: [(req) => req.headers.get('x-source') ?? '; '] } },
    };
    const { send, log } = await serveIn(way, [securityHeaders(options)], (_req, res) => void res.send('ok'));
    const answer = await send({ headers: { 'x-source': "'nonce-1'" } });
    expect(answer.headers.get('content-security-policy')).toContain("script-src 'nonce-1';");
    expect((await send()).status).toBe(500);
    expect(String(log[0]?.fields.err)).toContain('"; " in script-src would end the directive');
  });

  it('cuts off an answer whose handler fails after its head has left', async () => {
    const { send } = await serveIn(way, [securityHeaders()], (_req, res) => {
      void res.write('begun');
      throw new Error('broken');
    });
    await expect(send().then((answer) => answer.text())).rejects.toThrow();
  });
});

const csp = (directives: Record<string, unknown>, useDefaults = true) =>
  ({ contentSecurityPolicy: { directives, useDefaults } }) as SecurityHeadersOptions;

it.each<[string, unknown]>([
  ['securityHeaders: hsts is no option; there are contentSecurityPolicy, ', { hsts: false }],
  [
    'securityHeaders: xFrameOptions.action must be one of sameorigin, deny, got "allow"',
    { xFrameOptions: { action: 'allow' } },
  ],
  ['securityHeaders: xFrameOptions must be a boolean or an object, got "deny"', { xFrameOptions: 'deny' }],
  ['securityHeaders: xXssProtection must be a boolean, got {}', { xXssProtection: {} }],
  [
    'securityHeaders: crossOriginOpenerPolicy must be a boolean or an object, got null',
    { crossOriginOpenerPolicy: null },
  ],
  [
    'securityHeaders: referrerPolicy.policy must be one or several of no-referrer, ',
    { referrerPolicy: { policy: 'none' } },
  ],
  [
    'securityHeaders: referrerPolicy.policy must be one or several of no-referrer, ',
    { referrerPolicy: { policy: [] } },
  ],
  ['got ["origin","origin"]', { referrerPolicy: { policy: ['origin', 'origin'] } }],
  ['strictTransportSecurity.maxAge must be seconds from 0, got -1', { strictTransportSecurity: { maxAge: -1 } }],
  [
    'strictTransportSecurity has maxAge, includeSubDomains and preload, got maxage',
    { strictTransportSecurity: { maxage: 1 } },
  ],
  ['contentSecurityPolicy: "script src" is no directive', csp({ 'script src': [] })],
  ['contentSecurityPolicy: script-src is given twice', csp({ 'script-src': [], scriptSrc: [] })],
  ['contentSecurityPolicy: default-src is missing', csp({ defaultSrc: null })],
  ['contentSecurityPolicy: default-src is missing', csp({ scriptSrc: [] }, false)],
  ['contentSecurityPolicy: "a; b" in script-src would end the directive', csp({ scriptSrc: ['a; b'] })],
  [`contentSecurityPolicy: "self" in script-src needs quotes: "'self'"`, csp({ scriptSrc: ['self'] })],
  ['contentSecurityPolicy: "nonce-1" in script-src needs quotes', csp({ scriptSrc: 'nonce-1' })],
  ['contentSecurityPolicy: 5 in script-src is no text', csp({ scriptSrc: [5] })],
  ['contentSecurityPolicy: script-src must be a list of sources, got boolean', csp({ scriptSrc: true })],
])('fails at start: %s', (message, options) => {
  expect(() => securityHeaders(options as SecurityHeadersOptions)).toThrow(message);
  expect(() => securityHeaders(options as SecurityHeadersOptions)).toThrow(TypeError);
});
