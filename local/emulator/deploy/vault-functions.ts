/** The functions that callers call. */
export const CALLED = ['seal', 'unseal', 'revoke', 'properties', 'audit'] as const;
export const FUNCTION_KEYS = [...CALLED, 'receive', 'migrate'] as const;
export type FunctionKey = (typeof FUNCTION_KEYS)[number];

/** As the constructs name them. */
export function functionName(environment: string, key: FunctionKey): string {
  return `share-vault-${environment}-${key}`;
}
