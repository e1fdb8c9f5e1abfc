import type { IncomingMessage } from 'node:http';
import { AwsError } from './errors';
import { jsonError } from './json-protocol';
import { actionOf, escape, isQuery, queryError } from './query-protocol';
import { signingNameOf } from './request';
import type { AwsResponse } from './service';

/** The error for a request that no service here recognises. It names the service and the operation. */
export function unknownOperation(request: IncomingMessage, body: Uint8Array, served: readonly string[]): AwsError {
  const target = request.headers['x-amz-target'];
  const [path = ''] = (request.url ?? '').split('?', 1);
  const form = isQuery(request) ? actionOf(body) : '';
  const operation = form || (typeof target === 'string' ? target : `${request.method ?? ''} ${path}`);
  const service = signingNameOf(request) ?? 'an unknown service';
  const message = `no such operation: ${operation} of ${service}; this endpoint serves parts of ${served.join(', ')}`;
  return new AwsError('UnknownOperationException', message, 404);
}

/** Services with a REST protocol of XML. */
const REST_XML: ReadonlySet<string> = new Set(['s3', 'route53', 'cloudfront']);

/** Returns an error in the protocol of its request, which no service here recognises, so that its client can read it. */
export function errorInProtocolOf(request: IncomingMessage, error: AwsError): AwsResponse {
  const { headers } = request;
  if (headers['smithy-protocol'] === 'rpc-v2-cbor') return cborError(error);
  if (headers['x-amz-target'] !== undefined) return jsonError(error);
  if (isQuery(request)) return queryError(error);
  const { name, message, status } = error;
  if (REST_XML.has(signingNameOf(request) ?? '')) {
    const body = `<Error><Code>${escape(name)}</Code><Message>${escape(message)}</Message></Error>`;
    return { status, headers: { 'content-type': 'application/xml' }, body };
  }
  const body = JSON.stringify({ __type: name, message, Message: message });
  return { status, headers: { 'content-type': 'application/json', 'x-amzn-errortype': name }, body };
}

/** Smithy's RPC v2 protocol: a CBOR map of two pairs of texts. */
function cborError({ name, message, status }: AwsError): AwsResponse {
  const texts = ['__type', `com.amazonaws#${name}`, 'message', message].map(cborText);
  return {
    status,
    headers: { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' },
    body: Buffer.concat([Buffer.from([0xa2]), ...texts]),
  };
}

/** Returns a text with a length of 16 bits before it (RFC 8949, major type 3). */
function cborText(text: string): Buffer {
  const bytes = Buffer.from(text);
  const head = Buffer.from([0x79, 0, 0]);
  head.writeUInt16BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}
