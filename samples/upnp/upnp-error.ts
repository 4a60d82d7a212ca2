/** Carries an error code of UPnP (UDA 1.1 §3.2.2). */

export class UpnpError extends Error {
  override readonly name = 'UpnpError';
  readonly code: number;

  constructor(code: number, description: string) {
    super(description);
    this.code = code;
  }
}
