import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { defaultProvider } from '../invocation/credentials';
import { VaultError } from '../contract/errors';

/** Requests to AWS that no client of the SDK in the bundles makes. */
export interface AwsRequest {
  readonly service: 'sts' | 'secretsmanager' | 's3';
  /** @default 'POST' */
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly region: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** whether the headers include the body's checksum @default true */
  readonly checksum?: boolean;
}

/** Returns the headers of a signed request, the given ones included. */
export async function signedHeaders({
  service,
  method = 'POST',
  region,
  url,
  headers,
  body,
  checksum = true,
}: AwsRequest): Promise<Record<string, string>> {
  const signer = new SignatureV4({
    service,
    region,
    credentials: defaultProvider(),
    sha256: Sha256,
    applyChecksum: checksum,
    // S3 signs a path as it is sent
    uriEscapePath: service !== 's3',
  });
  const signed = await signer.sign({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port !== '' && { port: Number(url.port) }),
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { host: url.host, ...headers },
    body,
  });
  return signed.headers;
}

const OWN_ENDPOINTS: Readonly<Record<AwsRequest['service'], string>> = {
  s3: 'AWS_ENDPOINT_URL_S3',
  secretsmanager: 'AWS_ENDPOINT_URL_SECRETS_MANAGER',
  sts: 'AWS_ENDPOINT_URL_STS',
};

/** Returns the function's region. Throws `Misconfigured` if there is none. */
export function region(): string {
  const { AWS_REGION = '' } = process.env;
  if (/^[a-z0-9-]{1,32}$/.test(AWS_REGION)) return AWS_REGION;
  throw new VaultError('Misconfigured', 'AWS_REGION: expected a region, got none');
}

/** Returns the regional endpoint of a service, or the one that the SDK's own variables name. */
export function endpointOf(service: AwsRequest['service']): URL {
  const { AWS_ENDPOINT_URL } = process.env;
  const own = process.env[OWN_ENDPOINTS[service]];
  const domain = region().startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return new URL(own ?? AWS_ENDPOINT_URL ?? `https://${service}.${region()}.${domain}/`);
}

/** SHA-256 and its HMAC, in the form of the AWS SDK. */
class Sha256 {
  readonly #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.#hash.digest()));
  }

  reset(): void {
    throw new TypeError('expected a hash to be used once, got a reset');
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array | string {
  if (typeof data === 'string') return data;
  return data instanceof ArrayBuffer
    ? new Uint8Array(data)
    : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
