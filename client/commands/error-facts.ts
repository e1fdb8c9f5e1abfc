/** What can be read of anything thrown, by its members: errors of other realms are no instances of this one's. */
export interface ErrorFacts {
  readonly name: string;
  readonly message: string;
  /** a system error's or Node's, such as `ECONNREFUSED` */
  readonly code: string | undefined;
  readonly cause: unknown;
}

export function factsOf(error: unknown): ErrorFacts {
  const { name, message, code, cause }: Readonly<Partial<Record<keyof ErrorFacts, unknown>>> =
    typeof error === 'object' && error !== null ? error : {};
  return {
    name: typeof name === 'string' ? name : 'an error',
    message: typeof message === 'string' ? message : '',
    code: typeof code === 'string' ? code : undefined,
    cause,
  };
}
