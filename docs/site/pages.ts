/** The pages of the site: which document each is made of, in the order that a newcomer reads them. */

export interface Page {
  /** The document, by its path in the repository. */
  readonly source: string;
  /** The file of the page, without `.html`. */
  readonly name: string;
  /** What lists call it. */
  readonly label: string;
  /** Its heading, where the document has one that only stands well alone. */
  readonly heading?: string;
}

export interface PageGroup {
  readonly title: string;
  readonly pages: readonly Page[];
}

export const HOME: Page = { source: 'docs/index.md', name: 'index', label: 'Luminaire' };

export const GROUPS: readonly PageGroup[] = [
  {
    title: 'First steps',
    pages: [
      { source: 'README.md', name: 'getting-started', label: 'Getting started', heading: 'Getting started' },
      guide('controllers', 'Controllers'),
      guide('from-nestjs', 'From NestJS'),
    ],
  },
  {
    title: 'Requests and answers',
    pages: [
      guide('http', 'HTTP'),
      guide('middleware', 'Middleware'),
      guide('browsers', 'Browsers'),
      guide('files', 'Files and caches'),
      guide('uploads', 'Uploads'),
      guide('realtime', 'Events and WebSockets'),
      guide('openapi', 'OpenAPI'),
    ],
  },
  {
    title: 'In operation',
    pages: [
      guide('sockets', 'Sockets'),
      guide('workers', 'Workers'),
      guide('deployment', 'Deployment'),
      guide('runtimes', 'Runtimes'),
    ],
  },
  {
    title: 'Samples',
    pages: [
      sample('todos', 'Todos'),
      sample('live', 'A shared board'),
      sample('webdav', 'A WebDAV server'),
      sample('upnp', 'A UPnP device'),
    ],
  },
  {
    title: 'Reference',
    pages: [
      guide('reference', 'Decorators and options'),
      guide('protocol', 'The protocol'),
      guide('performance', 'Performance'),
      { source: 'CHANGELOG.md', name: 'changelog', label: 'Changelog' },
      { source: 'CONTRIBUTING.md', name: 'contributing', label: 'Contributing' },
      { source: 'SECURITY.md', name: 'security', label: 'Security' },
    ],
  },
];

/** All of them, the landing page first. */
export const PAGES: readonly Page[] = [HOME, ...GROUPS.flatMap(({ pages }) => pages)];

function guide(name: string, label: string): Page {
  return { source: `docs/${name}.md`, name, label };
}

function sample(name: string, label: string): Page {
  return { source: `samples/${name}/README.md`, name: `sample-${name}`, label };
}
