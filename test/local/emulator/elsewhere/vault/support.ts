import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { CallerIdentityCheck, StandIn } from '../../../../../local/emulator/elsewhere/stand-in';
import {
  type JwtRole,
  LocalVaultServer,
  type Policy,
  Transit,
  createAwsLogin,
  createJwtLogin,
} from '../../../../../local/emulator/elsewhere/vault';
import { createCertificate } from '../../../../../local/emulator/postgres/certificates';
import { startAwsServer } from '../../../../../local/emulator/services';
import { createSts } from '../../../../../local/emulator/services/sts';
import { WebIdentityIssuer } from '../../../../../local/emulator/services/web-identity';
import { type Principal, Sessions, verifyRequest } from '../../../../../local/emulator/signature';

const REGION = 'eu-central-1';
const ACCOUNT = '111122223333';
const FUNCTION = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:share-vault-dev-seal`;
export const ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/ShareVaultSeal`;
export const AUDIENCE = 'https://vault.example.com';
export const SERVER_ID = 'vault.example.com';
export const NAMESPACE = 'wallets';
const PRINCIPAL: Principal = {
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/ShareVaultSeal/share-vault-dev-seal`,
  roleArn: ROLE_ARN,
  account: ACCOUNT,
  sourceFunctionArn: FUNCTION,
};

/** Of all fixtures: an RSA key takes long to make. */
export const ISSUER = new WebIdentityIssuer({ account: ACCOUNT, region: REGION });

/** Seconds that a token lives. */
export const TTL = 300;

export const JWT_ROLE: JwtRole = {
  policies: ['share'],
  ttl: TTL,
  boundAudiences: [AUDIENCE],
  boundSubject: ROLE_ARN,
  boundClaims: { '/https:~1~1sts.amazonaws.com~1/lambda_source_function_arn': [FUNCTION] },
};

/** What the documentation tells operators to allow: no `create`. */
export const SHARE_POLICY: Policy = Object.fromEntries(
  ['transit/encrypt/share', 'transit/decrypt/share', 'transit/encrypt/other', 'transit/decrypt/other'].flatMap(
    (path) => [
      [path, ['update']],
      [`${NAMESPACE}/${path}`, ['update']],
    ],
  ),
);

/** A Vault on loopback over TLS, an AWS STS, and the environment of a function that may use both. */
export class VaultFixture {
  readonly transit = new Transit();
  /** of the namespace */
  readonly inner = new Transit();
  readonly sessions = new Sessions();
  readonly jwtRoles: Record<string, JwtRole> = { seal: JWT_ROLE };
  readonly server: LocalVaultServer;
  /** paths that were asked for */
  readonly seen: string[] = [];
  /** `https://127.0.0.1:PORT` */
  address = '';
  /** its certificate authority */
  pem = '';
  /** the same, DER in base64 */
  ca = '';
  #now = Date.now();
  readonly #servers: (() => Promise<void>)[] = [];
  readonly #stops: (() => void | Promise<void>)[] = [];

  constructor() {
    const awsRoles = { seal: { policies: ['share'], ttl: TTL, boundPrincipals: [ROLE_ARN] } };
    const jwt = createJwtLogin(this.jwtRoles, ISSUER);
    const aws = createAwsLogin({ roles: awsRoles, check: callerCheck(this.sessions), serverId: SERVER_ID });
    this.server = new LocalVaultServer({
      addresses: ['https://vault.example.com:8200'],
      engines: { transit: this.transit, [`${NAMESPACE}/transit`]: this.inner },
      logins: { jwt, aws, [`${NAMESPACE}/jwt`]: jwt },
      policies: { share: SHARE_POLICY },
      now: () => this.#now,
    });
    for (const engine of [this.transit, this.inner]) for (const name of ['share', 'other']) engine.create(name);
  }

  async start(): Promise<this> {
    const { ca, certificate, key } = await createCertificate(['127.0.0.1', 'localhost']);
    this.pem = ca;
    this.ca = ca.replaceAll(/-----[^-]+-----|\s/g, '');
    this.address = await this.serve({ cert: certificate, key }, this.server);
    const session = this.sessions.issue(PRINCIPAL, { seconds: 3_600 });
    const sts = await startAwsServer({ services: [createSts((id) => this.sessions.find(id), ISSUER)] });
    this.#stops.push(() => sts.close());
    this.setEnvironment({
      AWS_REGION: REGION,
      AWS_ENDPOINT_URL_STS: sts.url,
      AWS_ACCESS_KEY_ID: session.accessKeyId,
      AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
      AWS_SESSION_TOKEN: session.sessionToken,
    });
    return this;
  }

  /** Sets variables until the fixture is removed. */
  setEnvironment(variables: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(variables)) {
      const before = process.env[name];
      process.env[name] = value;
      this.#stops.unshift(() => {
        if (before === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = before;
      });
    }
  }

  /** Serves a stand-in over TLS; returns its address. */
  async serve(tls: Parameters<typeof createServer>[0], standIn: Pick<StandIn, 'respond'>): Promise<string> {
    const server = createServer(tls, (request, response) => {
      this.seen.push(request.url ?? '');
      pass(request, response, standIn).catch(() => response.destroy());
    });
    // a handshake that a client refused
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const stop = (): Promise<void> =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    this.#servers.push(stop);
    return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Closes what `serve` opened; AWS goes on. */
  async closeServers(): Promise<void> {
    for (const stop of this.#servers.splice(0)) await stop();
  }

  /** Number of logins so far. */
  logins(): number {
    return this.seen.filter((path) => path.endsWith('/login')).length;
  }

  /** Lets time pass for Vault, not for its clients. */
  passSeconds(seconds: number): void {
    this.#now += seconds * 1_000;
  }

  async close(): Promise<void> {
    await this.closeServers();
    for (const stop of this.#stops.splice(0).reverse()) await stop();
  }
}

async function pass(
  request: IncomingMessage,
  response: ServerResponse,
  standIn: Pick<StandIn, 'respond'>,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method = '', headers, url = '/' } = request;
  const target = new URL(url, `https://${headers.host}`);
  const sent = await standIn.respond({ method, headers, url: target, body: Buffer.concat(chunks) });
  if (sent === undefined) {
    request.socket.destroy();
    return;
  }
  const { status, body, headers: own } = sent;
  const isBytes = typeof body === 'string' || Buffer.isBuffer(body);
  response.writeHead(status, { 'content-type': 'application/json', ...own });
  response.end(body === undefined || isBytes ? body : JSON.stringify(body));
}

/** STS as Vault asks it: verifies the signature that the caller made. */
function callerCheck(sessions: Sessions): CallerIdentityCheck {
  return async ({ method, url, headers, body }) => {
    const rawHeaders = Object.entries(headers).flatMap(([name, value]) => [name, [value].flat().join()]);
    try {
      const { principal } = verifyRequest({ method, url: new URL(url).pathname, rawHeaders }, Buffer.from(body), {
        credentials: sessions,
        region: REGION,
        service: 'sts',
        protocol: 'query',
      });
      return { arn: principal.arn, account: principal.account };
    } catch {
      return undefined;
    }
  };
}
