import { injectable, type MiddlewareInstance, type Next, type Request, type Response } from 'luminaire';
import { News } from './news.js';

/** A request, as the page shows it. */
export interface Entry {
  readonly id: number;
  /** In ms since 1970. */
  readonly began: number;
  readonly method: string;
  readonly path: string;
  readonly agent: string;
  user: string;
  /** 0 while it is being served; 499 where the client left before. */
  status: number;
  /** How long it took, in ms. */
  took: number;
  /** Bytes of content that were sent. */
  sent: number;
}

/** Most requests that a page sees when it opens. */
const MAX_KEPT = 100;

/** Records the requests to resources. */
@injectable()
export class Activity implements MiddlewareInstance {
  /** The latest, the last first. */
  readonly recent: Entry[] = [];
  #count = 0;

  constructor(private readonly news: News) {}

  handle(req: Request, res: Response, next: Next): void | Promise<void> {
    // The page does not watch itself.
    if (req.url.path === '/' ? req.method === 'GET' : req.url.path === '/events') return next(req, res);
    const entry: Entry = {
      id: ++this.#count,
      began: Date.now(),
      method: req.method,
      path: readable(req.url.path),
      agent: req.headers.get('user-agent') ?? '',
      user: '',
      status: 0,
      took: 0,
      sent: 0,
    };
    this.recent.unshift(entry);
    if (this.recent.length > MAX_KEPT) this.recent.pop();
    this.news.publish({ event: 'request', data: { ...entry } });
    res.onFinish(() => {
      entry.user = req.state.user?.name ?? '';
      entry.status = res.wasSent() ? res.status : 499;
      entry.took = Date.now() - entry.began;
      entry.sent = res.bytesSent;
      this.news.publish({ event: 'request', data: { ...entry } });
    });
    return next(req, res);
  }
}

function readable(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
