import { type KeyObject, generateKeyPairSync, randomUUID, sign, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { AzureStandIn } from '../../../../../local/emulator/elsewhere/azure';
import type { NewKey } from '../../../../../local/emulator/elsewhere/azure/keys';
import type { IdentityClaims, IdentityIssuer, StandIn } from '../../../../../local/emulator/elsewhere/stand-in';
import { type Elsewhere, startElsewhere } from '../../../../../local/emulator/elsewhere/server';
import type { TlsFaults } from '../../../../../local/emulator/elsewhere/tls';
import { type BoundPort, bindPort } from '../../../../../local/emulator/services/port';

export const TENANT = '3f2c6a0e-4d5b-4c1e-9a57-6f7a1b2c3d4e';
export const SEALER = '11111111-1111-4111-8111-111111111111';
export const OPENER = '22222222-2222-4222-8222-222222222222';
export const AUDIENCE = 'api://AzureADTokenExchange';
export const ROLE = 'arn:aws:iam::111122223333:role/dev-seal';
export const VAULT = 'sharevault-dev.vault.azure.net';
export const HSM = 'sharevault-dev.managedhsm.azure.net';

interface Claims extends Omit<IdentityClaims, 'aud' | 'all'> {
  readonly aud: string | readonly string[];
}

/** An issuer of web identity tokens in the form of AWS STS. */
export class TestIssuer implements IdentityIssuer {
  readonly url = 'https://0123.tokens.sts.global.api.aws';
  readonly #keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
  });

  issue(claims: Partial<Claims> = {}, header: object = {}): string {
    const now = Math.floor(Date.now() / 1_000);
    const all = { iss: this.url, sub: ROLE, aud: AUDIENCE, iat: now, exp: now + 300, jti: randomUUID(), ...claims };
    const signed = [{ alg: 'RS256', typ: 'JWT', ...header }, all]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    return `${signed}.${sign('sha256', Buffer.from(signed), this.#keys.privateKey).toString('base64url')}`;
  }

  async verify(token: string): Promise<IdentityClaims | undefined> {
    const [header = '', body = '', signature = ''] = token.split('.');
    const valid = verify(
      'sha256',
      Buffer.from(`${header}.${body}`),
      this.#keys.publicKey,
      Buffer.from(signature, 'base64url'),
    );
    if (!valid) return undefined;
    const all = JSON.parse(Buffer.from(body, 'base64url').toString()) as Claims;
    return { ...all, aud: [all.aud].flat(), all: { ...all } };
  }
}

/** Returns Azure with two applications whose credentials name the issuer's role, a key vault and a managed HSM. */
export function createAzure(issuer: IdentityIssuer, dataDir?: string, purgeProtection = false): AzureStandIn {
  const azure = new AzureStandIn({
    tenant: TENANT,
    issuers: [issuer],
    vaults: [
      { name: 'sharevault-dev', type: 'vault', purgeProtection },
      { name: 'sharevault-dev', type: 'managedhsm', purgeProtection },
    ],
    dataDir,
  });
  for (const client of [SEALER, OPENER]) {
    azure.directory.addFederatedCredential(client, { issuer: issuer.url, subject: ROLE, audience: AUDIENCE });
  }
  return azure;
}

const ACTIONS = ['keys/read', 'keys/wrap', 'keys/unwrap', 'keys/encrypt', 'keys/decrypt'] as const;

/** Creates a key that both applications may use, and returns its versioned id. */
export async function createKey(azure: AzureStandIn, host: string, key: Omit<NewKey, 'name'>): Promise<string> {
  const name = `share-key-${randomUUID()}`;
  const { grants, keys } = azure.vault(host);
  for (const client of [SEALER, OPENER]) grants.add(...ACTIONS.map((action) => ({ client, action, name })));
  return keys.create({ name, ...key });
}

/**
 * Azure over TLS behind a proxy and the STS of one function, for the runtime of this process: sets the variables that a
 * function gets and trusts the stand-ins' authority. One for each test file, since the runtime keeps its connections.
 */
export class AzureServer {
  readonly issuer = new TestIssuer();
  azure = createAzure(this.issuer);
  /** the claims of the next web identity tokens */
  claims: Partial<Claims> = {};
  /** number of web identity tokens */
  tokens = 0;
  #running: { readonly elsewhere: Elsewhere; readonly sts: BoundPort } | undefined;
  readonly #environment = { ...process.env };
  readonly #authorities = getCACertificates('default');

  async start(faults?: TlsFaults): Promise<this> {
    const standIn: StandIn = {
      name: 'azure',
      serves: (host, port) => this.azure.serves(host, port),
      respond: (request) => this.azure.respond(request),
    };
    const elsewhere = await startElsewhere({ standIns: [standIn], faults });
    const sts = await bindPort();
    sts.attach((_request, response) => {
      this.tokens += 1;
      response.end(`<WebIdentityToken>${this.issuer.issue(this.claims)}</WebIdentityToken>`);
    });
    this.#running = { elsewhere, sts };
    Object.assign(process.env, {
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'unused',
      AWS_ENDPOINT_URL_STS: sts.url,
      HTTPS_PROXY: elsewhere.proxyUrl,
    });
    setDefaultCACertificates([...this.#authorities, readFileSync(elsewhere.caFile, 'utf8')]);
    return this;
  }

  /** Forgets the applications, keys and faults of a test. */
  reset(): void {
    this.azure = createAzure(this.issuer);
    this.claims = {};
    this.tokens = 0;
  }

  get elsewhere(): Elsewhere {
    if (this.#running === undefined) throw new Error('expected a started server');
    return this.#running.elsewhere;
  }

  async close(): Promise<void> {
    await Promise.all([this.#running?.elsewhere.close(), this.#running?.sts.close()]);
    process.env = this.#environment;
    setDefaultCACertificates(this.#authorities);
  }
}
