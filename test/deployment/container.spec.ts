import { validate } from 'dockerfile-utils';
import { describe, expect, it } from 'vitest';
import { recipe } from './recipe.js';

/** The instructions of a container file, continued lines joined. */
function instructions(text: string): string[] {
  return text
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}

describe('the container file', () => {
  const text = recipe('Containerfile');
  const all = instructions(text);
  const last = all.slice(all.findLastIndex((line) => line.startsWith('FROM ')));
  const found = (name: string) =>
    last.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));

  it('is what engines understand', () => {
    expect(validate(text)).toEqual([]);
    expect(validate(text.replace('EXPOSE', 'EXPOZE')).map(({ message }) => message)).toEqual([
      'Unknown instruction: EXPOZE',
    ]);
  });

  it('installs nothing that only building needs into the image, and nothing that is not locked', () => {
    expect(last.filter((line) => line.startsWith('RUN '))).toEqual([]);
    expect(found('COPY')).toContain('--from=dependencies /app/node_modules ./node_modules');
    expect(all.filter((line) => /npm (?:i|install|ci)\b/.test(line))).toEqual(['RUN npm ci', 'RUN npm ci --omit=dev']);
  });

  it('runs as nobody in particular, and without a shell before it', () => {
    expect(found('USER')).toEqual(['node']);
    expect(JSON.parse(found('CMD')[0] as string)[0]).toBe('node');
  });
});
