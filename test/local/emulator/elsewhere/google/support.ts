import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { callerIdentityCheck } from '../../../../../local/emulator/elsewhere/caller-identity-check';
import { type Binding, GoogleStandIn, type PoolProvider } from '../../../../../local/emulator/elsewhere/google';
import type { CallerIdentityCheck, StandIn } from '../../../../../local/emulator/elsewhere/stand-in';
import { type AwsServer, startAwsServer } from '../../../../../local/emulator/services';
import type { Guard } from '../../../../../local/emulator/services/guard';
import { createSts } from '../../../../../local/emulator/services/sts';
import { WebIdentityIssuer } from '../../../../../local/emulator/services/web-identity';
import { Sessions, verifyRequest } from '../../../../../local/emulator/signature';

export const ACCOUNT = '111122223333';
export const REGION = 'eu-central-1';
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/Seal`;
export const FUNCTION = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:share-vault-dev-seal`;
export const POOL = '//iam.googleapis.com/projects/123456789/locations/global/workloadIdentityPools/aws-pool';
export const AUDIENCES = { token: `${POOL}/providers/tokens`, signature: `${POOL}/providers/signatures` } as const;
export const KEY = 'projects/vault-prod/locations/europe-west3/keyRings/vault/cryptoKeys/share';
export const OTHER_KEY = 'projects/vault-prod/locations/europe-west3/keyRings/vault/cryptoKeys/other';
/** The role in the forms in which the pool knows it: by a token, and by a signature. */
export const MEMBERS = {
  token: `principal:${POOL}/subject/${ROLE}`,
  signature: `principalSet:${POOL}/attribute.aws_role/arn:aws:sts::${ACCOUNT}:assumed-role/Seal`,
} as const;

/** One for all fixtures: its key takes long to make. */
const ISSUER = new WebIdentityIssuer({ account: ACCOUNT, region: REGION });

/** A clock that a test can advance. */
export class TestClock {
  #ahead = 0;
  readonly now = (): number => Date.now() + this.#ahead;

  advance(seconds: number): void {
    this.#ahead += seconds * 1_000;
  }
}

/** Google Cloud's stand-in over HTTP, and an emulated AWS STS that a function with the role `Seal` calls. */
export class GoogleFixture {
  readonly clock = new TestClock();
  readonly sessions = new Sessions();
  readonly issuer = ISSUER;
  readonly #closing: (() => unknown)[] = [];
  readonly #servers: (() => unknown)[] = [];
  #started: { readonly google: GoogleStandIn; readonly urls: Urls; readonly sts: AwsServer } | undefined;

  /** @param providers further providers, before the usual ones */
  async start(providers: readonly PoolProvider[] = []): Promise<this> {
    const sts = await startAwsServer({ services: [createSts((id) => this.sessions.find(id), this.issuer)], guard: guardOf(this.sessions) }); // prettier-ignore
    this.#servers.push(() => sts.close());
    const google = new GoogleStandIn({
      now: this.clock.now,
      providers: [
        ...providers,
        { audience: AUDIENCES.token, type: 'oidc', issuer: this.issuer },
        { audience: AUDIENCES.signature, type: 'aws', account: ACCOUNT, check: checkAt(sts.url) },
      ],
    });
    for (const key of [KEY, OTHER_KEY]) google.keys.ensure(key);
    google.policy.add(...Object.values(MEMBERS).flatMap(bothRights));
    const [kmsUrl, stsUrl] = [await this.#serve(google, 'cloudkms.googleapis.com'), await this.#serve(google, 'sts.googleapis.com')]; // prettier-ignore
    this.#started = { google, urls: { kms: kmsUrl, sts: stsUrl }, sts };
    this.#useSession(sts.url);
    return this;
  }

  get google(): GoogleStandIn {
    return this.started.google;
  }

  /** the origins of Google's services here */
  get urls(): Urls {
    return this.started.urls;
  }

  get stsUrl(): string {
    return this.started.sts.url;
  }

  /** Sets variables of the environment until the fixture closes. */
  setEnvironment(variables: Readonly<Record<string, string | undefined>>): void {
    for (const [name, value] of Object.entries(variables)) {
      const before = process.env[name];
      this.#closing.push(() => setVariable(name, before));
      setVariable(name, value);
    }
  }

  /** Stops all servers; the environment stays. */
  async stop(): Promise<void> {
    for (const stop of this.#servers.splice(0)) await stop();
  }

  async close(): Promise<void> {
    await this.stop();
    for (const close of this.#closing.splice(0).reverse()) await close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #useSession(stsUrl: string): void {
    const principal = { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/Seal/share-vault-dev-seal`, roleArn: ROLE, account: ACCOUNT, sourceFunctionArn: FUNCTION }; // prettier-ignore
    const { accessKeyId, secretAccessKey, sessionToken } = this.sessions.issue(principal, { seconds: 3_600 });
    this.setEnvironment({
      AWS_REGION: REGION,
      AWS_ENDPOINT_URL: stsUrl,
      AWS_ENDPOINT_URL_STS: undefined,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    });
  }

  async #serve(google: GoogleStandIn, host: string): Promise<string> {
    const { url, close } = await serveStandIn(google, host);
    this.#servers.push(close);
    return url;
  }

  private get started() {
    if (this.#started === undefined) throw new Error('expected a started fixture');
    return this.#started;
  }
}

/** Google's own client takes the service's name from the host: `sts.localhost` is the emulated STS too. */
function checkAt(stsUrl: string): CallerIdentityCheck {
  const named = stsUrl.replace('//127.0.0.1:', '//sts.localhost:');
  const [own, official] = [callerIdentityCheck(stsUrl), callerIdentityCheck(named, stsUrl)];
  return async (request) => (await own(request)) ?? official(request);
}

interface Urls {
  readonly kms: string;
  readonly sts: string;
}

function bothRights(member: string): readonly Binding[] {
  const roles = ['roles/cloudkms.cryptoKeyEncrypter', 'roles/cloudkms.cryptoKeyDecrypter'] as const;
  return [KEY, OTHER_KEY].flatMap((resource) => roles.map((role) => ({ role, member, resource })));
}

/** Verifies signatures; every operation is allowed. */
export function guardOf(credentials: Sessions): Guard {
  return {
    verify: (request, body, { signingName: service, protocol }) => {
      const { principal } = verifyRequest(request, body, { credentials, region: REGION, service, protocol });
      return { principal };
    },
    authorise: async () => () => undefined,
  };
}

function setVariable(name: string, value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(process.env, name);
  else process.env[name] = value;
}

/** Serves one host of a stand-in over HTTP on loopback. */
export async function serveStandIn(standIn: StandIn, host: string) {
  const server = createServer((request, response) => {
    respond(standIn, host, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => void server.close(resolve));
    },
  };
}

async function respond(standIn: StandIn, host: string, request: IncomingMessage, response: ServerResponse) {
  const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>));
  const url = new URL(request.url ?? '/', `https://${host}`);
  const sent = await standIn.respond({ method: request.method ?? '', url, headers: request.headers, body });
  if (sent === undefined) return void response.destroy();
  const { status, headers, body: content = '' } = sent;
  const isJson = typeof content === 'object' && !Buffer.isBuffer(content);
  response.writeHead(status, { ...(isJson && { 'content-type': 'application/json' }), ...headers });
  response.end(isJson ? JSON.stringify(content) : content);
}
