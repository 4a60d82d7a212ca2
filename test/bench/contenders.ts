/** Lists the servers that are measured. */

import { fileURLToPath } from 'node:url';

/** What every ratio is against. */
export const REFERENCE = 'node-http';

/** The servers of this repository, then the peers, whose packages are installed on demand. */
export const CONTENDERS = {
  'node-http': 'servers',
  'net-floor': 'servers',
  luminaire: 'servers',
  'luminaire-server': 'servers',
  fastify: 'peers',
  hono: 'peers',
  express: 'peers',
  'nest-fastify': 'peers',
  'nest-express': 'peers',
  uws: 'peers',
} as const;

export type Contender = keyof typeof CONTENDERS;

export const ALL = Object.keys(CONTENDERS) as readonly Contender[];

/** What `--check` watches. */
export const OURS: readonly Contender[] = ['luminaire', 'luminaire-server'];

export function isContender(name: string): name is Contender {
  return Object.hasOwn(CONTENDERS, name);
}

export function needsPackages(contender: Contender): boolean {
  return CONTENDERS[contender] === 'peers';
}

export function scriptOf(contender: Contender): string {
  return fileURLToPath(new URL(`${CONTENDERS[contender]}/${contender}.js`, import.meta.url));
}
