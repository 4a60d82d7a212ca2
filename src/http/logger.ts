/** Declares where errors and warnings go, in the shape of pino's methods. */

/** Takes what happened as fields and a sentence. pino and its like fit as they are. */
export interface Logger {
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
}
