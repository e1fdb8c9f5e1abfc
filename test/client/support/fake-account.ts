import { type KeyObject, generateKeyPairSync } from 'node:crypto';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export const PLACE = 'eu-central-1:111122223333';
export const KEY_ARN = `arn:aws:kms:${PLACE}:key/11111111-2222-3333-4444-555555555555`;
export const functionArn = (operation: string): string =>
  `arn:aws:lambda:${PLACE}:function:share-vault-dev-${operation}`;

/** What KMS returns for a key; members that are given replace those of a good one. */
export type PublicKeyReply = Readonly<Record<string, unknown>>;

interface StoredParameter {
  readonly Name: string;
  readonly Value: string;
  readonly ARN: string;
  /** seconds since 1970 */
  readonly LastModifiedDate: number;
}

/** Returns the reply of KMS for an intake key. */
export function publicKeyReply(key: KeyObject, changes: PublicKeyReply = {}): PublicKeyReply {
  const PublicKey = key.export({ type: 'spki', format: 'der' }).toString('base64');
  return { KeyId: KEY_ARN, PublicKey, KeyUsage: 'ENCRYPT_DECRYPT', KeySpec: 'RSA_4096', ...changes };
}

/** KMS and Parameter Store on loopback: what a client asks before it can call a vault. */
export class FakeAccount {
  readonly publicKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
  /** targets of all requests, such as `GetPublicKey` */
  readonly asked: string[] = [];
  /** replies to the next requests, in place of the usual ones */
  readonly replies: { readonly status: number; readonly body: object }[] = [];
  readonly parameters = new Map<string, StoredParameter>();
  /** parameters on one page */
  pageSize = 10;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request, response) => {
      const target = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
      this.asked.push(target);
      void request.toArray().then((chunks) => {
        const input = JSON.parse(Buffer.concat(chunks as Buffer[]).toString()) as Record<string, string | undefined>;
        const usual = target === 'GetPublicKey' ? publicKeyReply(this.publicKey) : this.#page(input);
        const { status, body } = this.replies.shift() ?? { status: 200, body: usual };
        response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': 'request-1' });
        response.end(JSON.stringify(body));
      });
    });
  }

  static async start(): Promise<FakeAccount> {
    const server = createServer();
    const account = new FakeAccount(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return account;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Publishes a parameter, as a vault does. */
  publish(path: string, Value: string, LastModifiedDate = 0): void {
    const Name = `/share-vault/dev/${path}`;
    this.parameters.set(Name, { Name, Value, ARN: `arn:aws:ssm:${PLACE}:parameter${Name}`, LastModifiedDate });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #page({ Path = '', NextToken = '0' }: Readonly<Record<string, string | undefined>>): object {
    const all = [...this.parameters.values()].filter(({ Name }) => Name.startsWith(`${Path}/`));
    const end = Number(NextToken) + this.pageSize;
    return { Parameters: all.slice(Number(NextToken), end), ...(end < all.length && { NextToken: String(end) }) };
  }
}
