import * as v from 'valibot';
import { AwsError } from './errors';

/** The members of `GetWebIdentityToken` as a form has them; only `requireTokenRequest` checks their values. */
export interface TokenForm {
  readonly Audience: readonly string[];
  readonly DurationSeconds?: number | undefined;
  readonly SigningAlgorithm?: string | undefined;
}

const DEFAULT_SECONDS = 300;
const REQUEST = v.object({
  Audience: v.pipe(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(1000))), v.minLength(1), v.maxLength(10)),
  DurationSeconds: v.optional(v.pipe(v.number(), v.minValue(60), v.maxValue(3600)), DEFAULT_SECONDS),
  // AWS also signs with ES384
  SigningAlgorithm: v.literal('RS256'),
});
export type TokenRequest = v.InferOutput<typeof REQUEST>;

const AUDIENCE = /^Audience\.member\.[1-9]\d{0,3}$/;
const COMMON: ReadonlySet<string> = new Set(['Action', 'Version']);

/** Reads a form. Throws `ValidationError` for a member that the local STS doesn't have, and for one that occurs twice. */
export function readTokenForm(body: Uint8Array): TokenForm {
  const form = [...new URLSearchParams(Buffer.from(body).toString())].filter(([name]) => !COMMON.has(name));
  const members = new Map(form);
  if (members.size !== form.length) throw invalid('expected each member once, got one twice');
  for (const name of members.keys()) {
    if (AUDIENCE.test(name) || name === 'DurationSeconds' || name === 'SigningAlgorithm') continue;
    throw invalid(`expected Audience, DurationSeconds and SigningAlgorithm, got ${JSON.stringify(name)}`);
  }
  const seconds = members.get('DurationSeconds');
  if (seconds !== undefined && !/^\d{1,9}$/.test(seconds)) throw invalid('expected a whole number of DurationSeconds');
  return {
    Audience: form.flatMap(([name, value]) => (AUDIENCE.test(name) ? [value] : [])),
    DurationSeconds: seconds === undefined ? undefined : Number(seconds),
    SigningAlgorithm: members.get('SigningAlgorithm'),
  };
}

/** Returns the members with defaults. Throws `ValidationError` with the name of a member whose value is refused. */
export function requireTokenRequest(input: unknown): TokenRequest {
  const read = v.safeParse(REQUEST, input);
  if (read.success) return read.output;
  const [{ path, expected }] = read.issues;
  const member = typeof path?.[0].key === 'string' ? path[0].key : 'the input';
  throw invalid(`expected ${expected} at ${member}`);
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationError', message);
}
