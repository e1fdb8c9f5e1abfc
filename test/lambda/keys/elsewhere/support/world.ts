import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { OtherKeyDescription } from '../../../../../lambda/contract/elsewhere';
import { callerIdentityCheck } from '../../../../../local/emulator/elsewhere/caller-identity-check';
import { AzureStandIn } from '../../../../../local/emulator/elsewhere/azure';
import { GoogleStandIn } from '../../../../../local/emulator/elsewhere/google';
import { type Elsewhere, startElsewhere } from '../../../../../local/emulator/elsewhere/server';
import type { StandIn, StandInRequest, StandInResponse } from '../../../../../local/emulator/elsewhere/stand-in';
import type { TlsFaults } from '../../../../../local/emulator/elsewhere/tls';
import {
  LocalVaultServer,
  type Policy,
  Transit,
  createAwsLogin,
  createJwtLogin,
} from '../../../../../local/emulator/elsewhere/vault';
import { type AwsServer, startAwsServer } from '../../../../../local/emulator/services';
import { createSts } from '../../../../../local/emulator/services/sts';
import { WebIdentityIssuer } from '../../../../../local/emulator/services/web-identity';
import { type Principal, Sessions } from '../../../../../local/emulator/signature';
import { guardOf } from '../../../../local/emulator/elsewhere/google/support';

export const ACCOUNT = '111122223333';
const REGION = 'eu-central-1';
const POOL = '//iam.googleapis.com/projects/123456789/locations/global/workloadIdentityPools/aws-pool';
export const GOOGLE_KEY = 'projects/vault-prod/locations/europe-west3/keyRings/vault/cryptoKeys/share';
const TENANT = '3f2c6a0e-4d5b-4c1e-9a57-6f7a1b2c3d4e';
const CLIENT = '11111111-1111-4111-8111-111111111111';
const VERSION = '0123456789abcdef0123456789abcdef';
export const KEY_VAULT = 'sharevault-dev.vault.azure.net';
export const HSM = 'sharevault-dev.managedhsm.azure.net';
const VAULT_ADDRESS = 'https://vault.example.com:8200';
const VAULT_AUDIENCE = 'https://vault.example.com';
const SERVER_ID = 'vault.example.com';

const azure = { tenant: TENANT, client: CLIENT };
const transit = { type: 'vault-transit', address: VAULT_ADDRESS, mount: 'transit', key: 'share' } as const;

/** Every key outside AWS with each of its logins. */
export const DESCRIPTIONS = {
  'google by a token': { type: 'gcp-kms', key: GOOGLE_KEY, audience: `${POOL}/providers/tokens`, method: 'token' },
  'google by a signature': {
    type: 'gcp-kms',
    key: GOOGLE_KEY,
    audience: `${POOL}/providers/signatures`,
    method: 'signature',
  },
  'azure key vault': { type: 'azure-key-vault', key: `https://${KEY_VAULT}/keys/share/${VERSION}`, ...azure },
  'azure managed hsm': { type: 'azure-managed-hsm', key: `https://${HSM}/keys/share/${VERSION}`, ...azure },
  'vault by jwt': { ...transit, login: { method: 'jwt', mount: 'jwt', role: 'share', audience: VAULT_AUDIENCE } },
  'vault by aws': { ...transit, login: { method: 'aws', mount: 'aws', role: 'share', serverId: SERVER_ID } },
} as const satisfies Readonly<Record<string, OtherKeyDescription>>;
export type Name = keyof typeof DESCRIPTIONS;
export const NAMES = Object.keys(DESCRIPTIONS) as readonly Name[];

/** Gets each request before its stand-in does. `undefined` cuts the connection. */
export type Intercept = (
  request: StandInRequest,
  respond: () => Promise<StandInResponse | undefined>,
) => Promise<StandInResponse | undefined>;

/**
 * All stand-ins over TLS behind one proxy, and an STS: what a function with keys outside AWS calls. Sets this process's
 * environment until `close`. Its runtime keeps its connections, so a test file starts one, or resets its modules.
 */
export class World {
  readonly sessions = new Sessions();
  google: GoogleStandIn;
  azure: AzureStandIn;
  vault: LocalVaultServer;
  transit: Transit;
  intercept: Intercept | undefined;
  /** what reached a stand-in, logins too */
  requests: StandInRequest[] = [];
  readonly #running: { readonly sts: AwsServer; readonly elsewhere: Elsewhere };
  readonly #environment: NodeJS.ProcessEnv;
  readonly #authorities = getCACertificates('default');
  /** roles with rights at Azure */
  readonly #known = new Set<string>();
  /** hosts whose key a test deleted */
  readonly #deleted = new Set<string>();

  /** @param tokens the account's switch for web identity tokens */
  static async start(faults?: TlsFaults, tokens: 'on' | 'off' = 'on'): Promise<World> {
    const environment = { ...process.env };
    const sessions = new Sessions();
    const services = [createSts((id) => sessions.find(id), tokens === 'on' ? ISSUER : undefined)];
    const sts = await startAwsServer({ services, guard: guardOf(sessions) });
    const standIns: StandIn[] = [];
    const elsewhere = await startElsewhere({ standIns, faults });
    return new World(environment, sessions, standIns, { sts, elsewhere });
  }

  private constructor(
    environment: NodeJS.ProcessEnv,
    sessions: Sessions,
    standIns: StandIn[],
    running: { readonly sts: AwsServer; readonly elsewhere: Elsewhere },
  ) {
    [this.#environment, this.sessions, this.#running] = [environment, sessions, running];
    [this.google, this.azure, this.transit] = [this.#newGoogle(), newAzure(), new Transit()];
    this.vault = this.#newVault();
    standIns.push(
      ...([() => this.google, () => this.azure, () => this.vault] as const).map((of) => this.#observed(of)),
    );
    Object.assign(process.env, {
      AWS_REGION: REGION,
      AWS_ENDPOINT_URL: running.sts.url,
      HTTPS_PROXY: running.elsewhere.proxyUrl,
    });
    Reflect.deleteProperty(process.env, 'AWS_ENDPOINT_URL_STS');
    this.actAs('Seal');
    setDefaultCACertificates([...this.#authorities, readFileSync(running.elsewhere.caFile, 'utf8')]);
  }

  /** Undoes what a test changed. Azure's keys stay: to generate some for each test takes long. */
  async reset(): Promise<void> {
    [this.google, this.transit] = [this.#newGoogle(), new Transit()];
    this.vault = this.#newVault();
    [this.intercept, this.requests] = [undefined, []];
    this.google.keys.ensure(GOOGLE_KEY);
    this.transit.create('share');
    for (const [host, spec] of [
      [KEY_VAULT, { kty: 'RSA', bits: 2048 }],
      [HSM, { kty: 'oct-HSM' }],
    ] as const) {
      const { keys } = this.azure.vault(host);
      if (this.#deleted.delete(host)) keys.recover('share');
      await keys.ensure({ name: 'share', version: VERSION, spec });
      keys.setEnabled('share', true);
    }
    this.grant('Seal');
    this.actAs('Seal');
  }

  /** Lets a role use all keys of Google and Azure. */
  grant(role: string): void {
    const assumed = `arn:aws:sts::${ACCOUNT}:assumed-role/${nameOf(role)}`;
    const rights = ['roles/cloudkms.cryptoKeyEncrypter', 'roles/cloudkms.cryptoKeyDecrypter'] as const;
    for (const member of [
      `principal:${POOL}/subject/${roleArn(role)}`,
      `principalSet:${POOL}/attribute.aws_role/${assumed}`,
    ]) {
      this.google.policy.add(...rights.map((right) => ({ role: right, member, resource: GOOGLE_KEY })));
    }
    if (this.#known.has(role)) return;
    this.#known.add(role);
    this.azure.directory.addFederatedCredential(CLIENT, {
      issuer: ISSUER.url,
      subject: roleArn(role),
      audience: 'api://AzureADTokenExchange',
    });
    const actions = ['keys/wrap', 'keys/unwrap', 'keys/encrypt', 'keys/decrypt'] as const;
    for (const host of [KEY_VAULT, HSM])
      this.azure.vault(host).grants.add(...actions.map((action) => ({ client: CLIENT, action })));
  }

  /** Destroys the key of a description. */
  destroy(name: Name): void {
    const { type } = DESCRIPTIONS[name];
    if (type === 'gcp-kms') this.google.keys.setState(GOOGLE_KEY, 'DESTROYED');
    else if (type === 'vault-transit') {
      this.transit.configure('share', { deletion_allowed: true });
      this.transit.delete('share');
    } else {
      const host = type === 'azure-key-vault' ? KEY_VAULT : HSM;
      this.azure.vault(host).keys.delete('share');
      this.#deleted.add(host);
    }
  }

  /** Changes whom the function's credentials are of. */
  actAs(role: string): void {
    const principal: Principal = {
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${nameOf(role)}/share-vault-dev-seal`,
      roleArn: roleArn(role),
      account: ACCOUNT,
      sourceFunctionArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:share-vault-dev-seal`,
    };
    const { accessKeyId, secretAccessKey, sessionToken } = this.sessions.issue(principal, { seconds: 3_600 });
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    });
  }

  /** Ends every access token of every service. */
  endTokens(): void {
    this.google.tokens.revokeAll();
    this.azure.directory.revokeTokens();
    this.vault.tokens.revokeAll();
  }

  async close(): Promise<void> {
    await Promise.all([this.#running.elsewhere.close(), this.#running.sts.close()]);
    process.env = this.#environment;
    setDefaultCACertificates(this.#authorities);
  }

  #observed(of: () => StandIn): StandIn {
    return {
      name: of().name,
      serves: (host, port) => of().serves(host, port),
      respond: async (request) => {
        this.requests.push(request);
        const respond = (): Promise<StandInResponse | undefined> => of().respond(request);
        return await (this.intercept?.(request, respond) ?? respond());
      },
    };
  }

  #newGoogle(): GoogleStandIn {
    return new GoogleStandIn({
      providers: [
        { audience: `${POOL}/providers/tokens`, type: 'oidc', issuer: ISSUER },
        {
          audience: `${POOL}/providers/signatures`,
          type: 'aws',
          account: ACCOUNT,
          check: callerIdentityCheck(this.#running.sts.url),
        },
      ],
    });
  }

  #newVault(): LocalVaultServer {
    const of = { policies: ['share'], ttl: 900 };
    const update: Policy[string] = ['update'];
    const share: Policy = {
      'transit/encrypt/share': update,
      'transit/decrypt/share': update,
      'transit/encrypt/shrae': update,
    };
    return new LocalVaultServer({
      addresses: [VAULT_ADDRESS],
      engines: { transit: this.transit },
      logins: {
        jwt: createJwtLogin({ share: { ...of, boundAudiences: [VAULT_AUDIENCE] } }, ISSUER),
        aws: createAwsLogin({
          roles: { share: { ...of, boundPrincipals: [roleArn('Seal')] } },
          check: callerIdentityCheck(this.#running.sts.url),
          serverId: SERVER_ID,
        }),
      },
      policies: { share },
    });
  }
}

const ISSUER = new WebIdentityIssuer({ account: ACCOUNT, region: REGION });
/** STS names a role without its path. */
const nameOf = (role: string): string => role.slice(role.lastIndexOf('/') + 1);
const roleArn = (role: string): string => `arn:aws:iam::${ACCOUNT}:role/${role}`;

function newAzure(): AzureStandIn {
  return new AzureStandIn({
    tenant: TENANT,
    issuers: [ISSUER],
    vaults: [
      { name: 'sharevault-dev', type: 'vault' },
      { name: 'sharevault-dev', type: 'managedhsm' },
    ],
  });
}

/** Whether a request is a login. */
export function isLogin({ url }: StandInRequest): boolean {
  return url.pathname.endsWith('/login') || ['sts.googleapis.com', 'login.microsoftonline.com'].includes(url.hostname);
}

/** Returns the hosts of a key's operations. */
export function hostsOf(name: Name): readonly string[] {
  const description: OtherKeyDescription = DESCRIPTIONS[name];
  if (description.type === 'gcp-kms') return ['cloudkms.googleapis.com'];
  return [new URL(description.type === 'vault-transit' ? description.address : description.key).hostname];
}
