export interface Visible {
  readonly name: string;
  readonly message: string;
  readonly own: readonly string[];
}

/** Returns everything of an error except its stack. */
export function visible(error: unknown): Visible {
  const { name, message } = error instanceof Error ? error : new TypeError('expected an error, got another value');
  return { name, message, own: Object.getOwnPropertyNames(error).sort() };
}
