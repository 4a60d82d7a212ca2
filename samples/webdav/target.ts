import { Doc, HttpError, type Request, type Resolver } from 'luminaire';
import { type ParsedPath, parsePath } from './path.js';

/**
 * Gives the resource that a request is for. It reads the path as it was sent: in the decoded one an escaped slash
 * looks like one that separates names.
 */
@Doc({ responses: { 400: 'No resource can have such a path.', 404: 'Nothing is there.' } })
export class Target implements Resolver<ParsedPath> {
  resolve({ url }: Request): ParsedPath {
    const parsed = parsePath(url.path);
    HttpError.assert(parsed, `Nothing is at ${url.path}.`, 404);
    return parsed;
  }
}
