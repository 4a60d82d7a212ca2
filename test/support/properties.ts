/** Gives fast-check, whose values are the same again with the same `PROPERTY_SEED`; without one they are others each time. */

import * as fc from 'fast-check';

const { PROPERTY_SEED } = process.env;
// A property that fails prints its seed and the smallest values it has found.
if (PROPERTY_SEED !== undefined) fc.configureGlobal({ seed: Number(PROPERTY_SEED) });

export { fc };
