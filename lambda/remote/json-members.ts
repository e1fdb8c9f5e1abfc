/** Returns the members of a response that is a JSON object; none of anything else. For responses without a secret. */
export function jsonMembers(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    return membersOf(JSON.parse(body.toString()));
  } catch {
    return {};
  }
}

/** Returns the members of an object; none of anything else. */
export function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
