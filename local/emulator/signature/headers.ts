/** A request's headers by name in lower case, each with its values in the order received. */
export type Headers = ReadonlyMap<string, readonly string[]>;

/** Reads Node's `rawHeaders`, alternating names and values. Unlike `headers`, they include repeated headers. */
export function readHeaders(raw: readonly string[]): Headers {
  const headers = new Map<string, string[]>();
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at]?.toLowerCase() ?? '';
    const values = headers.get(name) ?? [];
    headers.set(name, [...values, raw[at + 1] ?? '']);
  }
  return headers;
}

/** Returns the value of a header; undefined if it is missing or repeated. */
export function single(headers: Headers, name: string): string | undefined {
  const values = headers.get(name);
  return values?.length === 1 ? values[0] : undefined;
}
