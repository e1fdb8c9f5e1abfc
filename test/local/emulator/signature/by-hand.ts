import type { Session } from '../../../../local/emulator/signature';
import { canonicalRequest } from '../../../../local/emulator/signature/canonical-request';
import { sha256Hex, signatureOf } from '../../../../local/emulator/signature/signing';
import { type Captured, REGION } from './support';

/** Creates a correctly signed request to KMS with exactly these headers, as no SDK would send it. */
export function signedByHand(session: Session, at: number, names: readonly string[]): Captured {
  const timestamp = new Date(at).toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = { date: timestamp.slice(0, 8), region: REGION, service: 'kms' };
  const sent = new Map([
    ['host', 'localhost'],
    ['x-amz-date', timestamp],
    ['x-amz-security-token', session.sessionToken],
  ]);
  const headers = names.map((name): [string, string[]] => [name, [sent.get(name) ?? []].flat()]);
  const parts = { method: 'POST', target: '/', headers, payloadHash: sha256Hex('') };
  const signature = signatureOf(canonicalRequest(parts), timestamp, scope, session.secretAccessKey).toString('hex');
  const credential = `${session.accessKeyId}/${scope.date}/${REGION}/kms/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  const rawHeaders = [...[...sent].flat(), 'Authorization', authorization];
  return { method: 'POST', url: '/', rawHeaders, body: Buffer.alloc(0) };
}
