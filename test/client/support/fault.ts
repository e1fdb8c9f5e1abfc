/** A function's error, as Lambda returns it. */
export class Fault extends Error {
  constructor(
    readonly errorType: string | undefined,
    message: string,
  ) {
    super(message);
  }
}
