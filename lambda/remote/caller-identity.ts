import { region, signedHeaders } from './aws';

const FORM = 'application/x-www-form-urlencoded; charset=utf-8';
const CALL = 'Action=GetCallerIdentity&Version=2011-06-15';

/** A request that its receiver can send to AWS STS, and so learn the role of its signer. */
export interface SignedCallerIdentity {
  readonly method: 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Signs a `GetCallerIdentity` without sending it. The further headers are signed too: they bind the request to its
 * receiver. AWS accepts it for 15 minutes.
 */
export async function signCallerIdentity(headers: Readonly<Record<string, string>>): Promise<SignedCallerIdentity> {
  const url = receiversEndpoint();
  const request = {
    service: 'sts',
    region: region(),
    url,
    headers: { 'content-type': FORM, ...headers },
    body: CALL,
  } as const;
  return { method: 'POST', url, headers: await signedHeaders(request), body: CALL };
}

/**
 * The same with the call in the URL and no body, signed with no further headers than the given ones: the form that Google
 * Cloud takes (https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token, `subjectToken`).
 */
export async function signCallerIdentityUrl(
  headers: Readonly<Record<string, string>>,
): Promise<Omit<SignedCallerIdentity, 'body'>> {
  const url = receiversEndpoint();
  url.search = CALL;
  const request = { service: 'sts', region: region(), url, headers, body: '', checksum: false } as const;
  return { method: 'POST', url, headers: await signedHeaders(request) };
}

/** The receiver is outside of AWS: the public regional endpoint, not `AWS_ENDPOINT_URL_STS` of the function's network. */
function receiversEndpoint(): URL {
  const { AWS_ENDPOINT_URL } = process.env;
  return AWS_ENDPOINT_URL === undefined ? publicEndpoint() : new URL(AWS_ENDPOINT_URL);
}

function publicEndpoint(): URL {
  const domain = region().startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return new URL(`https://sts.${region()}.${domain}/`);
}
