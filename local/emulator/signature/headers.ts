/** A request's headers by name in lower case, each with its values in order of arrival. */
export type Headers = ReadonlyMap<string, readonly string[]>;

/** Reads Node's `rawHeaders`, names and values in turn: unlike `headers` they hide no repetition. */
export function readHeaders(raw: readonly string[]): Headers {
  const headers = new Map<string, string[]>();
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at]?.toLowerCase() ?? '';
    const values = headers.get(name) ?? [];
    headers.set(name, [...values, raw[at + 1] ?? '']);
  }
  return headers;
}

/** The value of a header that came once. */
export function single(headers: Headers, name: string): string | undefined {
  const values = headers.get(name);
  return values?.length === 1 ? values[0] : undefined;
}
