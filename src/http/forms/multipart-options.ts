/** Holds what the reading of a form with files can be told, with defaults, units and checks. */

/** How much of a form is accepted. Over a limit is 413, and the problem document names the limit. Sizes are bytes. */
export interface MultipartLimits {
  /** Most files. What a page sends for an input in which nothing was chosen is none. Default 10. */
  readonly maxFiles?: number;
  /** Most text fields, repeated ones counted each time. Default 100. */
  readonly maxFields?: number;
  /** Most parts: files, fields and empty inputs together. Default 100. */
  readonly maxParts?: number;
  /** Largest file. Default: none but the limit of the whole content, `maxBodySize` or `@MaxBodySize`. */
  readonly maxFileSize?: number;
  /** Largest value of a text field. Default 65536. */
  readonly maxFieldSize?: number;
  /** Longest name of a field, and longest name of a file, in UTF-8. Default 255. */
  readonly maxNameSize?: number;
  /** Longest head of one part, its field lines with their line ends. Default 4096. */
  readonly maxPartHeadSize?: number;
}

/** What becomes of the files of a form, and how much of it is accepted. */
export interface MultipartOptions extends MultipartLimits {
  /**
   * Where files are kept until the exchange is over: in `memory`, or on `disk` as temporary files, which are removed
   * with it. Default `memory`.
   */
  readonly store?: 'memory' | 'disk';
  /** The directory below which temporary files are made. Default: the system's own, `os.tmpdir()`. */
  readonly directory?: string;
  /** Names of the fields whose files are kept; others are dropped as they arrive. Default: all are kept. */
  readonly only?: readonly string[];
}

/** Every option with its default filled in. */
export interface CheckedMultipartOptions extends Required<MultipartLimits> {
  readonly store: 'memory' | 'disk';
  /** `undefined` for the system's own. */
  readonly directory: string | undefined;
  /** `undefined` for all. */
  readonly only: readonly string[] | undefined;
}

/** Limits with their default and least value. */
const LIMITS = {
  maxFiles: [10, 0],
  maxFields: [100, 0],
  maxParts: [100, 1],
  maxFileSize: [Number.POSITIVE_INFINITY, 0],
  maxFieldSize: [65_536, 0],
  maxNameSize: [255, 1],
  maxPartHeadSize: [4_096, 64],
} as const satisfies { readonly [Name in keyof MultipartLimits]-?: readonly [byDefault: number, least: number] };

export type MultipartLimit = keyof typeof LIMITS;

const KNOWN: readonly string[] = ['store', 'directory', 'only', ...Object.keys(LIMITS)];

/** Fills in the defaults. @throws TypeError or RangeError naming the option that is unknown or out of range. */
export function checkMultipartOptions(options: MultipartOptions = {}): CheckedMultipartOptions {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`options must be an object, got ${String(options)}`);
  const unknown = Object.keys(options).find((name) => !KNOWN.includes(name));
  if (unknown !== undefined) throw new TypeError(`unknown option "${unknown}"; known are ${KNOWN.join(', ')}`);
  const { store = 'memory', directory, only } = options;
  if (store !== 'memory' && store !== 'disk') {
    throw new TypeError(`store must be "memory" or "disk", got ${JSON.stringify(store)}`);
  }
  if (directory !== undefined && (typeof directory !== 'string' || directory === '')) {
    throw new TypeError(`directory must be the path of a directory, got ${JSON.stringify(directory)}`);
  }
  if (only !== undefined && !(Array.isArray(only) && only.every((name) => typeof name === 'string'))) {
    throw new TypeError(`only must be a list of names, got ${JSON.stringify(only)}`);
  }
  return {
    store,
    directory,
    only,
    maxFiles: checkLimit('maxFiles', options),
    maxFields: checkLimit('maxFields', options),
    maxParts: checkLimit('maxParts', options),
    maxFileSize: checkLimit('maxFileSize', options),
    maxFieldSize: checkLimit('maxFieldSize', options),
    maxNameSize: checkLimit('maxNameSize', options),
    maxPartHeadSize: checkLimit('maxPartHeadSize', options),
  };
}

function checkLimit(name: MultipartLimit, options: MultipartLimits): number {
  const [byDefault, least] = LIMITS[name];
  const value = options[name] ?? byDefault;
  if (!(Number.isSafeInteger(value) || value === Number.POSITIVE_INFINITY) || value < least) {
    throw new RangeError(`${name} must be a whole number from ${least}, or Infinity, got ${String(value)}`);
  }
  return value;
}
