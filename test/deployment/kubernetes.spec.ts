import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { get, Wire } from '../soak/wire.js';
import { command } from '../support/command.js';
import { freePort } from '../support/free-port.js';
import { Place, Running } from './process.js';
import { recipe } from './recipe.js';

const TSC = fileURLToPath(new URL('../../node_modules/.bin/tsc', import.meta.url));
/** Milliseconds for last requests, for running ones and for what is disposed: what a close takes after its delay. */
const CLOSE_MS = 1_000 + 10_000 + 5_000;

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly timeoutSeconds?: number;
}

/** As much of a manifest as is read here; that the rest is there and right is for the compiler to say. */
interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly selector: { readonly matchLabels: object };
    readonly scaleTargetRef: object;
    readonly ports: readonly { readonly targetPort: string }[];
    readonly template: {
      readonly metadata: { readonly labels: object };
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly containers: readonly {
          readonly env: readonly { readonly name: string; readonly value: string }[];
          readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
          readonly startupProbe: Probe;
          readonly readinessProbe: Probe;
          readonly livenessProbe: Probe;
        }[];
      };
    };
  };
}

function manifestsOf(text: string): Manifest[] {
  return parseAllDocuments(text, { uniqueKeys: true }).map((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    return document.toJS() as Manifest;
  });
}

const place = Place.forSpec();
afterAll(() => Running.killAll());

/** What is changed in the manifests, and what must then be found. */
const MISTAKES = [
  ['an unknown field', 'readinessProbe:', 'readinesProbe:', /readinesProbe/],
  ['a wrong type', 'maxReplicas: 10', "maxReplicas: '10'", /'string' is not assignable to type 'number'/],
  [
    'a list for a text',
    'whenUnsatisfiable: ScheduleAnyway',
    'whenUnsatisfiable: []',
    /not assignable to type 'string'/,
  ],
  ['a field that is missing', '- maxSkew: 1\n          topologyKey', '- topologyKey', /'maxSkew' is missing/],
] as const;

/**
 * What the types that are generated from Kubernetes' own schema say of each text: of unknown fields, wrong values, and what
 * is missing.
 */
async function findings(texts: readonly string[]): Promise<string[]> {
  const lines = texts.map((text) => manifestsOf(text).map(declare).join(' '));
  const file = await place.write('manifests.ts', lines.join('\n'));
  const settings = '--ignoreConfig --noEmit --strict --module nodenext --target es2022'.split(' ');
  const { stdout } = await command(TSC, [...settings, '--types', '', file]);
  const found = texts.map(() => '');
  for (const [, line, message] of stdout.matchAll(/manifests\.ts\((\d+),\d+\): (.*)/g))
    found[Number(line) - 1] += message;
  return found;
}

/** A manifest as a value that is to have the type of its kind. */
function declare(manifest: Manifest): string {
  const { apiVersion, kind } = manifest;
  const version = apiVersion.includes('/') ? apiVersion : `core/${apiVersion}`;
  const type = `import('kubernetes-types/${version}.js').${kind}`;
  const whole = `Required<Pick<${type}, 'apiVersion' | 'kind' | 'metadata' | 'spec'>>`;
  return `(${JSON.stringify(manifest)}) satisfies ${type} & ${whole};`;
}

describe('the manifests', () => {
  const manifests = manifestsOf(recipe('kubernetes.yaml'));
  const [deployment, service, budget, autoscaler] = manifests as [Manifest, Manifest, Manifest, Manifest];
  const { template } = deployment.spec;
  const [container] = template.spec.containers as [(typeof template.spec.containers)[0]];
  const env = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));

  it('are of the kinds that are promised', () => {
    expect(manifests.map(({ kind }) => kind)).toEqual([
      'Deployment',
      'Service',
      'PodDisruptionBudget',
      'HorizontalPodAutoscaler',
    ]);
  });

  it('fit the schema, and would not with a mistake in them', async () => {
    const changed = MISTAKES.map(([, from, to]) => recipe('kubernetes.yaml', { [from]: to }));
    const [good, ...bad] = await findings([recipe('kubernetes.yaml'), ...changed]);
    expect(good).toBe('');
    for (const [i, [title, , , finding]] of MISTAKES.entries()) expect(bad[i], title).toMatch(finding);
  });

  it('speak of the same pods', () => {
    for (const { spec } of [deployment, budget])
      expect(template.metadata.labels).toMatchObject(spec.selector.matchLabels);
    expect(template.metadata.labels).toMatchObject(service.spec.selector);
    const { apiVersion, kind, metadata } = deployment;
    expect(autoscaler.spec.scaleTargetRef).toEqual({ apiVersion, kind, name: metadata.name });
  });

  it('name one port', () => {
    const [port] = container.ports;
    expect(String(port?.containerPort)).toBe(env.PORT);
    const { startupProbe, readinessProbe, livenessProbe } = container;
    for (const { httpGet } of [startupProbe, readinessProbe, livenessProbe]) expect(httpGet.port).toBe(port?.name);
    expect(service.spec.ports[0]?.targetPort).toBe(port?.name);
  });

  it('leave a pod the time that its close may take', () => {
    expect(template.spec.terminationGracePeriodSeconds * 1000).toBeGreaterThan(Number(env.DRAIN_DELAY) + CLOSE_MS);
    // A check of `health` has 2 s.
    expect(container.readinessProbe.timeoutSeconds).toBeGreaterThan(2);
  });

  it('probe what answers; a pod that is told to end serves on, and is not ready', async () => {
    const port = await freePort();
    const variables = { ...env, PORT: String(port), HOST: '127.0.0.1', DRAIN_DELAY: '60000' };
    const pod = new Running(process.execPath, [place.script], { ...process.env, ...variables });
    await pod.until(/^serves /m);
    const status = async (path: string) => {
      const wire = await Wire.connect(port);
      wire.send(get(path));
      const answer = await wire.response();
      wire.leave();
      return answer.status;
    };
    const { startupProbe, readinessProbe, livenessProbe } = container;
    for (const { httpGet } of [startupProbe, readinessProbe, livenessProbe])
      expect(await status(httpGet.path)).toBe(200);
    pod.child.kill('SIGTERM');
    while ((await status(readinessProbe.httpGet.path)) !== 503);
    expect(await status(livenessProbe.httpGet.path)).toBe(200);
    expect(await status('/pid')).toBe(200);
  });
});
