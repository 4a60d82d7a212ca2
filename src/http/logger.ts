/** Declares where errors and warnings go, in the shape of pino's methods. */

/** Takes what happened as fields and a sentence. pino and its like fit as they are. */
export interface Logger {
  /** Something went wrong that the application did not expect. */
  error(fields: object, message: string): void;
  /** Something is not as it should be, yet was served. */
  warn(fields: object, message: string): void;
  /** Something of note happened, as it should. */
  info(fields: object, message: string): void;
}
