import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Principal, type ReceivedRequest, type Session, Sessions } from '../../../../local/emulator/signature';

export const REGION = 'eu-central-1';
export const PRINCIPAL: Principal = {
  arn: 'arn:aws:sts::111122223333:assumed-role/unseal/unseal-1',
  roleArn: 'arn:aws:iam::111122223333:role/unseal',
  account: '111122223333',
  sourceFunctionArn: 'arn:aws:lambda:eu-central-1:111122223333:function:unseal',
};

export const credentialsOf = ({ accessKeyId, secretAccessKey, sessionToken }: Session) => ({
  accessKeyId,
  secretAccessKey,
  sessionToken,
});

export interface Captured extends ReceivedRequest {
  readonly body: Buffer;
}

/** Returns a client's request as a local server receives it. The server refuses it. */
export async function capture(send: (endpoint: string) => Promise<unknown>): Promise<Captured> {
  const server = createServer();
  const received = new Promise<Captured>((resolve) => {
    server.on('request', (request, response) => {
      void request.toArray().then((chunks: Buffer[]) => {
        const { method, url, rawHeaders } = request;
        resolve({ method, url, rawHeaders, body: Buffer.concat(chunks) });
        response.writeHead(400, { connection: 'close' }).end('{}');
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await send(`http://127.0.0.1:${(server.address() as AddressInfo).port}`).catch(() => undefined);
    return await received;
  } finally {
    server.close();
  }
}

/** Returns the request with one header replaced in place, or removed. */
export function withHeader(request: Captured, name: string, value?: string): Captured {
  const at = request.rawHeaders.findIndex((each, index) => index % 2 === 0 && each.toLowerCase() === name);
  const rawHeaders = request.rawHeaders.toSpliced(at, 2, ...(value === undefined ? [] : [name, value]));
  return { ...request, rawHeaders };
}

export function headerOf({ rawHeaders }: Captured, name: string): string {
  const at = rawHeaders.findIndex((each, index) => index % 2 === 0 && each.toLowerCase() === name);
  return rawHeaders[at + 1] ?? '';
}

/** Returns the request with a part of its `Authorization` header replaced. */
export function withAuthorization(request: Captured, part: RegExp | string, replacement: string): Captured {
  return withHeader(request, 'authorization', headerOf(request, 'authorization').replace(part, replacement));
}

/** A clock that stays at the set time, in milliseconds since 1970. */
export class FixedClock {
  constructor(public at: number = Date.now()) {}
  readonly now = (): number => this.at;
}

export function newSession(clock = new FixedClock(), seconds = 3_600) {
  const sessions = new Sessions(clock.now);
  return { sessions, session: sessions.issue(PRINCIPAL, { seconds }) };
}
