/** Lets the benchmark collect garbage in a server, and end it. Loaded before the server's own script. */

process.on('message', (wish) => {
  if (wish === 'exit') process.exit();
  // Twice: what a finalizer held goes with the second.
  globalThis.gc?.();
  globalThis.gc?.();
  process.send?.('collected');
});
