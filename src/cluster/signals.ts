/** Obeys the signals that a supervisor is told by. */

import type { Logger } from '../http/logger.js';
import { LINGER_MS } from './messages.js';
import type { Supervisor } from './supervisor.js';

/**
 * Closes all workers at SIGTERM and SIGINT, and replaces them at SIGHUP, until the supervisor has ended. A second
 * SIGTERM or SIGINT meets Node's own handler, which ends the process.
 */
export function obeySignals(supervisor: Supervisor, logger: Logger): void {
  const close = (): void => {
    void supervisor.close({ linger: LINGER_MS });
  };
  const restart = (): void => {
    supervisor.restart().catch((error: unknown) => {
      if (!supervisor.isClosing) logger.error({ err: error }, 'The workers could not be replaced');
    });
  };
  process.once('SIGTERM', close).once('SIGINT', close).on('SIGHUP', restart);
  void supervisor.ended.then(() => {
    process.off('SIGTERM', close).off('SIGINT', close).off('SIGHUP', restart);
  });
}
