import { Authority } from '../support/certificates.js';
import { GROUPS } from './rows/all.js';
import { checkRowsOver } from './support/check.js';
import { joined, tcp, tlsWith, unix } from './support/transports.js';

const authority = new Authority();
const tls = tlsWith(authority.issue('localhost'), authority.own.cert);

for (const transport of [tcp, tls, unix, joined]) {
  for (const group of ['request-line', 'framing', 'chunked', 'pipelining', 'upgrade', 'http-1.0'] as const) {
    checkRowsOver(transport, group, GROUPS[group]);
  }
}
