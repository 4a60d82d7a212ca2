// The reference of what the package exports: `npm run docs:api -- --out FOLDER`. Whatever TypeDoc warns of fails it.
import { readFileSync } from 'node:fs';

const { exports } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

/** Named by what is exported, and of no use to anybody by themselves. */
const PARTS = {
  tables: ['CODINGS', 'METHODS', 'REDIRECTS'],
  checksOfDecorators: [
    ...['Declared', 'DecoratorName', 'FitsConversation', 'FitsErrorHandler', 'FitsEvents', 'FitsForm', 'FitsNamed'],
    ...['FitsPath', 'FitsPrefix', 'FitsProduced', 'FitsReturned', 'FitsSchema', 'FitsSocket', 'FitsText'],
    ...['FitsUnknown', 'FitsValue', 'Key', 'Listed', 'OnHandler', 'Resolved', 'Scalar', 'TakesText'],
  ],
  whatConstructorsAreGiven: ['FileGiven', 'MessageHead', 'RequestSource', 'ResponseSink', 'StoredContent'],
  partsOfDescriptions: [
    ...['ContentObject', 'MediaTypeObject', 'Reference', 'MethodParameters', 'ReplyRecord', 'Route', 'Match'],
    ...['BAD_PATH', 'RegisteredRoute', 'RequestContainer', 'Given', 'Step', 'ReferrerPolicy'],
    ...['ConnectExchange', 'ConnectSocket', 'SealedSessionOptions', 'StoredSessionOptions'],
    ...['NodeRedisClient', 'IoRedisClient', 'Duplicate'],
  ],
};

/** The verbs of the Server, which TypeDoc sees as the members of a mapped type: what it says of that is said of each. */
const VERBS = [
  ...['acl', 'bind', 'checkout', 'connect', 'copy', 'delete', 'get', 'head', 'link', 'lock', 'mSearch', 'merge'],
  ...['mkactivity', 'mkcalendar', 'mkcol', 'move', 'notify', 'options', 'patch', 'post', 'propfind', 'proppatch'],
  ...['purge', 'put', 'rebind', 'report', 'search', 'subscribe', 'trace', 'unbind', 'unlink', 'unlock', 'unsubscribe'],
];

/** A method in a type, which has no place for a word. */
const DUPLICATE = 'engines/redis.DuplicableRedisClient.__type.duplicate';

export default {
  name: 'Luminaire',
  entryPoints: Object.values(exports)
    .filter(({ types }) => types !== undefined)
    .map(({ types }) => types.replace(/^\.\/dist\/(.*)\.d\.ts$/, '$1.ts')),
  tsconfig: 'tsconfig.build.json',
  out: 'dist/api',
  readme: 'none',
  disableSources: true,
  excludeExternals: true,
  requiredToBeDocumented: ['Class', 'Enum', 'Function', 'Interface', 'TypeAlias', 'Variable'],
  validation: { notExported: true, invalidLink: true, rewrittenLink: true, notDocumented: true },
  intentionallyNotDocumented: [...VERBS.map((verb) => `index.Server.${verb}`), 'index.Sent.__type.toJSON', DUPLICATE],
  intentionallyNotExported: Object.values(PARTS).flat(),
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
};
