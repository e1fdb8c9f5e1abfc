/** Makes an attempt that must fail. Returns its error code, or throws if that differs from the expected one. */
export async function refusal(code: string, attempt: () => Promise<unknown>): Promise<string> {
  const got = await attempt().then(() => 'no refusal', codeOf);
  if (got !== code) throw new Error(`expected ${code}, got ${got}`);
  return got;
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.name : 'unknown';
}
