/** Makes the certificates that a test needs, with openssl: no key is ever kept in the tree. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A certificate with its key, as files and as text. */
export interface Certificate {
  readonly keyFile: string;
  readonly certFile: string;
  readonly key: string;
  readonly cert: string;
}

/** An authority in a folder of its own, which is gone when the tests of the file have ended. */
export class Authority {
  readonly folder = mkdtempSync(join(tmpdir(), 'luminaire-certificates-'));
  readonly own: Certificate;

  constructor(name = 'Test authority') {
    afterAll(() => rmSync(this.folder, { recursive: true, force: true }));
    this.#openssl(
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
      ...['-subj', `/CN=${name}`, '-keyout', 'ca.key', '-out', 'ca.pem'],
    );
    this.own = this.#read('ca');
  }

  /** Issues a certificate for `name`, good for a server on this machine and for a client. */
  issue(name: string): Certificate {
    const file = name.replaceAll(/\W/g, '-');
    this.#openssl(
      ...['req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-subj', `/CN=${name}`, '-keyout', `${file}.key`, '-out', `${file}.csr`],
    );
    writeFileSync(join(this.folder, 'names'), `subjectAltName=DNS:${name},DNS:localhost,IP:127.0.0.1\n`);
    this.#openssl(
      ...['x509', '-req', '-in', `${file}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'],
      ...['-days', '2', '-extfile', 'names', '-out', `${file}.pem`],
    );
    return this.#read(file);
  }

  #read(file: string): Certificate {
    const [keyFile, certFile] = [join(this.folder, `${file}.key`), join(this.folder, `${file}.pem`)];
    return { keyFile, certFile, key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certFile, 'utf8') };
  }

  #openssl(...args: readonly string[]): void {
    execFileSync('openssl', args, { cwd: this.folder, stdio: ['ignore', 'ignore', 'pipe'] });
  }
}
