import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { wipe } from '../wipe';
import { type Address, addressText, parseAddress } from './address';
import type { StandIn, StandInResponse } from './stand-in';

/** Longer than any request that a stand-in takes. */
const MAX_REQUEST_BYTES = 1_048_576;

/** Returns the listener of a stand-in's server for one address. Refuses requests for another host with 421. */
export function listenerOf(standIn: StandIn, address: Address): RequestListener {
  return (request, response) => {
    // a fault or a cut: the client sees the end of the connection
    serve(standIn, address, request, response).catch(() => response.destroy());
  };
}

async function serve(
  standIn: StandIn,
  address: Address,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const host = parseAddress(request.headers.host ?? '');
  if (host === undefined || addressText(host) !== addressText(address)) {
    response.writeHead(421).end();
    return;
  }
  const body = await readBody(request);
  if (body === undefined) {
    response.writeHead(413, { connection: 'close' }).end();
    return;
  }
  const { method = 'GET', headers } = request;
  const url = new URL(request.url ?? '/', `https://${addressText(host)}`);
  try {
    const sent = await standIn.respond({ method, url, headers, body });
    if (sent === undefined) response.destroy();
    else send(response, sent);
  } finally {
    wipe(body);
  }
}

/** Returns undefined if the body is too long. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_REQUEST_BYTES) return undefined;
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  for (const chunk of chunks) wipe(chunk);
  return body;
}

function send(response: ServerResponse, { status, headers = {}, body = '' }: StandInResponse): void {
  if (body instanceof Readable) {
    response.writeHead(status, headers);
    response.once('close', () => body.destroy());
    body.on('error', () => response.destroy()).pipe(response);
    return;
  }
  const isJson = typeof body === 'object' && !Buffer.isBuffer(body);
  const bytes = isJson ? Buffer.from(JSON.stringify(body)) : Buffer.from(body);
  const type = isJson ? { 'content-type': 'application/json; charset=utf-8' } : {};
  response.writeHead(status, { ...type, 'content-length': bytes.length, ...headers });
  response.end(bytes, () => wipe(bytes));
}
