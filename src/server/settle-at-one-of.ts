/** Waits for the first of several events. */

/** Calls `settle` at the first of these events. Gives what listens to them no more. */
export function settleAtOneOf(emitter: NodeJS.EventEmitter, events: readonly string[], settle: () => void): () => void {
  const stop = () => {
    for (const event of events) emitter.off(event, settleOnce);
  };
  const settleOnce = () => {
    stop();
    settle();
  };
  for (const event of events) emitter.on(event, settleOnce);
  return stop;
}
