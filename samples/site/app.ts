import { existsSync } from 'node:fs';
import { site } from './site.js';

const { SITE_FOLDER = 'dist/site' } = process.env;
if (!existsSync(`${SITE_FOLDER}/index.html`)) {
  throw new Error(`SITE_FOLDER must be a folder of built pages, got "${SITE_FOLDER}": npm run docs builds the guides`);
}

export const options = site(SITE_FOLDER);

export const describe = (url: string): string => `Read the guides at ${url}/`;
