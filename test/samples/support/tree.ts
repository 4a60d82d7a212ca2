/** Makes trees of files, and compares them. */

import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Names that something or other along the way might take for more than a name. */
export const ODD_NAMES = [
  'plain.txt',
  'with space',
  ' leading and trailing ',
  '100% #1?.txt',
  '%2e%2e',
  'e\u0301 in two',
  '\u00e9 in one',
  'Å Ω ﬁ ſ K',
  '😀 👩‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿',
  'עברית \u202e right to left',
  'dots...',
  '...',
  '.hidden',
  '-rf',
  '~tilde~',
  'semi;colon,comma',
  `quotes'"\``,
  'plus+and&amp;<tag>',
  'back\\slash',
  'star*question?pipe|colon:',
  '[brackets]{braces}',
  'line\nbreak\ttab',
  '\u0001\u007f\u0085 controls',
  '\ufeffmark\u200b\u00a0\ufffd',
  '__proto__',
  'constructor',
  'con.txt',
  'x'.repeat(255),
] as const;

/** Makes `count` files, 25 in each folder, of up to 20 kB whose content depends on their number alone. */
export async function makeTree(root: string, count: number): Promise<void> {
  // rclone has its own spelling of some, which is not what is looked at here.
  const names = ODD_NAMES.filter(
    (name) => /^[^\p{Cc}\\*:|?"<>\ufeff\u200b]{1,60}(?<! )$/u.test(name) && !/^[ ~.]|\.$/.test(name),
  );
  for (let i = 0; i < count; i++) {
    const folder = join(root, `folder ${Math.floor(i / 25)} é`);
    if (i % 25 === 0) await mkdir(folder, { recursive: true });
    const content = Buffer.alloc((i * 37) % 20_000, `${i} `);
    await writeFile(join(folder, `${i} ${names[i % names.length]}`), content);
  }
}

/** The hash of each file below `root`, by its path. */
export async function readTree(root: string): Promise<Map<string, string>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const found = new Map<string, string>();
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name);
    found.set(
      path.slice(root.length),
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex'),
    );
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}
