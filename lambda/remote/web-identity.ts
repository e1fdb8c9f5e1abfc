import { wipe } from '../contract/bytes';
import { IDENTITY_TOKEN_SECONDS } from '../contract/elsewhere';
import { VaultError } from '../contract/errors';
import { endpointOf, region, signedHeaders } from './aws';
import { shapeFailure, statusFailure } from './failure';
import { sendRemote } from './retry';

const FORM = 'application/x-www-form-urlencoded; charset=utf-8';
/** The shortest lifetime that STS gives: for a role's session that ends before the usual one. */
const SHORTEST_TOKEN_SECONDS = 60;
/** Refusals by their codes; the others are mapped by status. The API reference leaves out `Exception`. */
const SWITCHED_OFF = /<Code>OutboundWebIdentityFederationDisabled(Exception)?</;
const ESCALATION = /<Code>SessionDurationEscalation(Exception)?</;
const THROTTLED = /<Code>(Throttling|ThrottlingException|RequestLimitExceeded)</;

/**
 * Returns a token of AWS STS that names the function's role as its subject, for one audience: RS256, 300 seconds, or 60 if
 * the role's session ends before (`GetWebIdentityToken`,
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html). Throws `KeyUnavailable` if the role may
 * not have it or the account's switch is off, and as `sendRemote`.
 */
export async function getWebIdentityToken(audience: string, signal: AbortSignal): Promise<string> {
  const usual = await ask(audience, IDENTITY_TOKEN_SECONDS, signal);
  const { status, text } = ESCALATION.test(usual.text) ? await ask(audience, SHORTEST_TOKEN_SECONDS, signal) : usual;
  if (status === 200) return tokenIn(text);
  if (SWITCHED_OFF.test(text)) {
    const problem = 'expected outbound web identity federation to be on in the account, got it switched off';
    throw new VaultError('KeyUnavailable', problem);
  }
  throw statusFailure('sts', THROTTLED.test(text) ? 429 : status);
}

interface StsResponse {
  readonly status: number;
  readonly text: string;
}

async function ask(audience: string, seconds: number, signal: AbortSignal): Promise<StsResponse> {
  const url = endpointOf('sts');
  const body = new URLSearchParams({
    Action: 'GetWebIdentityToken',
    Version: '2011-06-15',
    'Audience.member.1': audience,
    SigningAlgorithm: 'RS256',
    DurationSeconds: String(seconds),
  }).toString();
  const headers = await signedHeaders({
    service: 'sts',
    region: region(),
    url,
    headers: { 'content-type': FORM },
    body,
  });
  const request = { service: 'sts', method: 'POST', url, headers, body: Buffer.from(body), viaProxy: false } as const;
  const response = await sendRemote(request, signal);
  const text = response.body.toString('latin1');
  wipe(response.body);
  return { status: response.status, text };
}

/** A JWT has no character that XML escapes. */
function tokenIn(xml: string): string {
  const token = /<WebIdentityToken>([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)<\/WebIdentityToken>/.exec(xml)?.[1];
  if (token !== undefined) return token;
  throw shapeFailure('sts', 'a token');
}
