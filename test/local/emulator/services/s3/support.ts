import { canonicalRequest } from '../../../../../local/emulator/signature/canonical-request';
import { sha256Hex, signatureOf } from '../../../../../local/emulator/signature/signing';
import type { Credentials } from '../../../../../local/emulator/services/functions/environment';

const REGION = 'us-east-1';

export interface S3Request {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Sends a request to S3, signed as an SDK signs it, and returns its status, headers and text. */
export async function requestS3(
  endpoint: string,
  credentials: Credentials,
  target: string,
  { method = 'GET', headers = {}, body = '' }: S3Request = {},
) {
  const timestamp = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = { date: timestamp.slice(0, 8), region: REGION, service: 's3' };
  const sent: Record<string, string> = {
    host: new URL(endpoint).host,
    'x-amz-content-sha256': sha256Hex(body),
    'x-amz-date': timestamp,
    'x-amz-security-token': credentials.sessionToken,
    ...headers,
  };
  const names = Object.keys(sent).sort();
  const canonical = canonicalRequest({
    ...{ method, target, pathAsSent: true, payloadHash: sent['x-amz-content-sha256'] ?? '' },
    headers: names.map((name) => [name, [sent[name] ?? '']]),
  });
  const signature = signatureOf(canonical, timestamp, scope, credentials.secretAccessKey).toString('hex');
  const credential = `${credentials.accessKeyId}/${scope.date}/${REGION}/s3/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  const { host: _, ...others } = sent;
  const response = await fetch(`${endpoint}${target}`, {
    ...{ method, headers: { ...others, authorization } },
    ...(method === 'PUT' && { body }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, code: /<Code>(.*?)<\/Code>/.exec(text)?.[1] };
}
