import * as v from 'valibot';
import type { IdentityIssuer } from '../stand-in';
import { loginErrors } from './login-error';

/** Whose tokens log in as an application. Azure compares each of the three exactly. */
export interface FederatedCredential {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
}

const HEADER = v.object({ alg: v.string() });
const CLAIMS = v.object({
  iss: v.string(),
  sub: v.string(),
  aud: v.union([v.string(), v.array(v.string())]),
  exp: v.number(),
});

/**
 * Throws `LoginError` unless an assertion is a valid token of a trusted issuer, and one of the credentials names its
 * issuer, subject and audience. As in Azure, each part that differs has a code of its own.
 */
export async function requireAssertion(
  assertion: string,
  credentials: readonly FederatedCredential[],
  issuers: readonly IdentityIssuer[],
  now: Date,
): Promise<void> {
  const [header, claims] = assertion.split('.').map((part) => Buffer.from(part, 'base64url').toString());
  const { alg } = read(HEADER, header);
  if (!/^RS(256|384|512)$/.test(alg)) throw loginErrors.algorithm(alg);
  const { iss, sub, aud, exp } = read(CLAIMS, claims);
  const ofIssuer = credentials.filter(({ issuer }) => issuer === iss);
  if (ofIssuer.length === 0) throw loginErrors.issuer(iss);
  const ofSubject = ofIssuer.find(({ subject }) => subject === sub);
  if (ofSubject === undefined) throw loginErrors.subject(sub);
  if (![aud].flat().includes(ofSubject.audience)) throw loginErrors.audience([aud].flat().join(' '));
  if (exp * 1_000 <= now.getTime()) throw loginErrors.expired();
  const issuer = issuers.find(({ url }) => url === iss);
  const verified = await issuer?.verify(assertion);
  if (verified?.sub !== sub || !verified.aud.includes(ofSubject.audience)) throw loginErrors.signature();
}

function read<S extends v.GenericSchema>(schema: S, text: string | undefined): v.InferOutput<S> {
  try {
    return v.parse(schema, JSON.parse(text ?? ''));
  } catch {
    throw loginErrors.malformedAssertion();
  }
}
