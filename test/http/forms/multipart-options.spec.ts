import { describe, expect, it } from 'vitest';
import { checkMultipartOptions } from '../../../src/http/forms/multipart-options.js';

describe('checkMultipartOptions', () => {
  it('fills in the defaults', () => {
    const defaults = {
      store: 'memory',
      directory: undefined,
      only: undefined,
      maxFiles: 10,
      maxFields: 100,
      maxParts: 100,
      maxFileSize: Number.POSITIVE_INFINITY,
      maxFieldSize: 65_536,
      maxNameSize: 255,
      maxPartHeadSize: 4_096,
    };
    expect(checkMultipartOptions()).toEqual(defaults);
    expect(checkMultipartOptions({ maxFiles: 0, store: 'disk', only: ['a'] })).toEqual({
      ...defaults,
      maxFiles: 0,
      store: 'disk',
      only: ['a'],
    });
  });

  it.each([
    [null, 'options must be an object, got null'],
    ['disk', 'options must be an object, got disk'],
    [
      { maxfiles: 1 },
      'unknown option "maxfiles"; known are store, directory, only, maxFiles, maxFields, maxParts, maxFileSize, maxFieldSize, maxNameSize, maxPartHeadSize',
    ],
    [{ store: 'file' }, 'store must be "memory" or "disk", got "file"'],
    [{ directory: '' }, 'directory must be the path of a directory, got ""'],
    [{ directory: 1 }, 'directory must be the path of a directory, got 1'],
    [{ only: 'a' }, 'only must be a list of names, got "a"'],
    [{ only: [1] }, 'only must be a list of names, got [1]'],
    [{ maxFiles: -1 }, 'maxFiles must be a whole number from 0, or Infinity, got -1'],
    [{ maxFields: 1.5 }, 'maxFields must be a whole number from 0, or Infinity, got 1.5'],
    [{ maxParts: 0 }, 'maxParts must be a whole number from 1, or Infinity, got 0'],
    [{ maxFileSize: '1' }, 'maxFileSize must be a whole number from 0, or Infinity, got 1'],
    [{ maxFieldSize: Number.NaN }, 'maxFieldSize must be a whole number from 0, or Infinity, got NaN'],
    [{ maxNameSize: 0 }, 'maxNameSize must be a whole number from 1, or Infinity, got 0'],
    [{ maxPartHeadSize: 63 }, 'maxPartHeadSize must be a whole number from 64, or Infinity, got 63'],
  ])('refuses %j', (options, message) => {
    expect(() => checkMultipartOptions(options as never)).toThrow(message);
  });
});
