/** Builds the site of the guides into dist/site: `npm run docs`. */

import { buildSite } from './build.js';

const FOLDER = 'dist/site';

try {
  const pages = await buildSite('.', FOLDER);
  console.log(`${FOLDER} has ${pages.length} pages. Look at them: npm start -- site`);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
