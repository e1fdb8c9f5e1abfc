import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** A request as it was received. */
export interface HttpRequest {
  /** `POST` */
  readonly method: string;
  /** path and query */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly sourceIp: string;
  readonly httpVersion: string;
  readonly body: Buffer;
}

/** The event that an HTTP API passes to its function: payload format 2.0. */
export interface HttpEvent {
  readonly version: '2.0';
  readonly routeKey: string;
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly requestContext: object;
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}

const API_ID = 'local';
const STAGE = '$default';
/** Content types of bodies that an HTTP API passes on as text. */
const TEXT = /^(?:text\/|application\/(?:json|javascript|xml)\b|application\/[\w.-]+\+(?:json|xml)\b)/i;

/** Returns the event. The body is text if its content type is text and its bytes are UTF-8, otherwise base64. */
export function httpEvent(request: HttpRequest, routeKey: string, accountId: string): HttpEvent {
  const [rawPath, rawQueryString] = split(request.url);
  const headers = flatHeaders(request.headers);
  const now = new Date();
  const domainName = headers.host ?? 'localhost';
  return {
    version: '2.0',
    routeKey,
    rawPath,
    rawQueryString,
    headers,
    requestContext: {
      accountId,
      apiId: API_ID,
      domainName,
      domainPrefix: API_ID,
      http: {
        method: request.method,
        path: rawPath,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey,
      stage: STAGE,
      time: now.toUTCString(),
      timeEpoch: now.getTime(),
    },
    ...bodyOf(request.body, headers['content-type']),
  };
}

/** Returns the path and the query, without the question mark. */
export function split(url: string): readonly [string, string] {
  const mark = url.indexOf('?');
  return mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
}

function bodyOf(bytes: Buffer, type = ''): { readonly body?: string; readonly isBase64Encoded: boolean } {
  if (bytes.length === 0) return { isBase64Encoded: false };
  const text = TEXT.test(type) ? decode(bytes) : undefined;
  return text === undefined
    ? { body: bytes.toString('base64'), isBase64Encoded: true }
    : { body: text, isBase64Encoded: false };
}

/** Returns undefined if the bytes aren't UTF-8; keeps a byte order mark. */
function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Joins headers of the same name, as an HTTP API does. Names are in lower case already. */
function flatHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const flat = Object.entries(headers).map(([name, value = '']) => [name, Array.isArray(value) ? value.join(',') : value] as const); // prettier-ignore
  return Object.fromEntries(flat);
}
