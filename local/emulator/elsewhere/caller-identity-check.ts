import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { CallerIdentityCheck } from './stand-in';

/** A member of the result: neither ARNs nor account ids have characters that XML escapes. */
const memberOf = (xml: string, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]{1,2048})</${name}>`).exec(xml)?.[1];

/**
 * Returns a check that sends callers' signed requests to the emulated STS, as services outside AWS send them to AWS STS.
 * Refuses requests for any other address, which these services do too.
 *
 * @param stsUrl `http://127.0.0.1:PORT`, for which callers sign
 * @param sendTo address of STS in the services' own network, with the path of the signed request @default - `stsUrl`
 */
export function callerIdentityCheck(stsUrl: string, sendTo = stsUrl): CallerIdentityCheck {
  return async ({ method, url, headers, body }) => {
    const signed = URL.parse(url);
    if (signed?.origin !== new URL(stsUrl).origin) return undefined;
    const target = new URL(`${signed.pathname}${signed.search}`, sendTo);
    const { status, text } = await post(target, method, { ...headers, host: signed.host }, body);
    const [arn, account] = ['Arn', 'Account'].map((name) => memberOf(text, name));
    return status !== 200 || arn === undefined || account === undefined ? undefined : { arn, account };
  };
}

async function post(
  url: URL,
  method: string,
  headers: Readonly<Record<string, string | string[]>>,
  body: string,
): Promise<{ readonly status: number | undefined; readonly text: string }> {
  const sent = request(url, { method, headers: { ...headers, 'content-length': Buffer.byteLength(body) } }).end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const chunks = await Array.fromAsync(response as AsyncIterable<Buffer>);
  return { status: response.statusCode, text: Buffer.concat(chunks).toString() };
}
