/** The async middleware of both Luminaire servers: it counts itself. */

import type { Middleware } from 'luminaire';

declare module 'luminaire' {
  interface RequestState {
    steps?: number;
  }
}

export const step: Middleware = async (req, res, next) => {
  req.state.steps = (req.state.steps ?? 0) + 1;
  await next(req, res);
};
