import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { AwsError } from './errors';
import type { AwsResponse } from './service';

const FORM = 'application/x-www-form-urlencoded';

/** Returns whether a request is of the AWS query protocol, whose input is a form. */
export function isQuery({ method, headers }: IncomingMessage): boolean {
  return method === 'POST' && (headers['content-type'] ?? '').startsWith(FORM);
}

/** Returns the operation that a form names, its `Action`; empty if there is none. */
export function actionOf(body: Uint8Array): string {
  const action = new URLSearchParams(Buffer.from(body).toString()).get('Action') ?? '';
  return /^\w{1,128}$/.test(action) ? action : '';
}

/** Error names of other protocols and this protocol's. Others are the same. */
const CODES: Readonly<Record<string, string>> = {
  MissingAuthenticationTokenException: 'MissingAuthenticationToken',
  IncompleteSignatureException: 'IncompleteSignature',
  InvalidSignatureException: 'SignatureDoesNotMatch',
  UnrecognizedClientException: 'InvalidClientTokenId',
  ExpiredTokenException: 'ExpiredToken',
  AccessDeniedException: 'AccessDenied',
  UnknownOperationException: 'InvalidAction',
  RequestEntityTooLargeException: 'RequestEntityTooLarge',
};

/** Returns an error as the query protocol sends it. */
export function queryError({ name, message, status }: AwsError, namespace?: string): AwsResponse {
  const type = status >= 500 ? 'Receiver' : 'Sender';
  const code = CODES[name] ?? name;
  const error = `<Error><Type>${type}</Type><Code>${escape(code)}</Code><Message>${escape(message)}</Message></Error>`;
  return xmlResponse(status, 'ErrorResponse', namespace, (id) => `${error}<RequestId>${id}</RequestId>`);
}

/** Returns the result of an operation; its members are texts. */
export function queryResult(
  operation: string,
  members: Readonly<Record<string, string>>,
  namespace: string,
): AwsResponse {
  const result = Object.entries(members).map(([name, value]) => `<${name}>${escape(value)}</${name}>`);
  return xmlResponse(200, `${operation}Response`, namespace, (id) =>
    [
      `<${operation}Result>${result.join('')}</${operation}Result>`,
      `<ResponseMetadata><RequestId>${id}</RequestId></ResponseMetadata>`,
    ].join(''),
  );
}

function xmlResponse(
  status: number,
  element: string,
  namespace: string | undefined,
  contentOf: (requestId: string) => string,
): AwsResponse {
  const requestId = randomUUID();
  const xmlns = namespace === undefined ? '' : ` xmlns="${namespace}"`;
  const headers = { 'content-type': 'text/xml', 'x-amzn-requestid': requestId };
  return { status, headers, body: `<${element}${xmlns}>${contentOf(requestId)}</${element}>` };
}

/** Escapes a text for XML. Control characters, which XML doesn't allow, become spaces. */
export function escape(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  // eslint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F]/g, ' ').replaceAll(/[&<>"]/g, (one) => entities[one] ?? one); // prettier-ignore
}
