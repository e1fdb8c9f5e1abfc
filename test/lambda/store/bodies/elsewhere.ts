import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { BodyStoreDescription } from '../../../../lambda/contract/elsewhere';
import { crc32c } from '../../../../lambda/remote/crc';
import { KeyVaultSecrets } from '../../../../local/emulator/elsewhere/azure/secrets';
import { SecretManager } from '../../../../local/emulator/elsewhere/google/secret-manager';
import { type Elsewhere, startElsewhere } from '../../../../local/emulator/elsewhere/server';
import type { StandIn } from '../../../../local/emulator/elsewhere/stand-in';
import { KeyValue, LocalVaultServer } from '../../../../local/emulator/elsewhere/vault';
import { type AwsServer, LocalSecrets, startAwsServer } from '../../../../local/emulator/services';
import { createSts } from '../../../../local/emulator/services/sts';
import { WebIdentityIssuer } from '../../../../local/emulator/services/web-identity';
import { Sessions } from '../../../../local/emulator/signature';

export const VAULT_HOST = 'sharevault-dev.vault.azure.net';
const TENANT = '3f2c6a0e-4d5b-4c1e-9a57-6f7a1b2c3d4e';
export const TOKEN = 'token-of-the-function';
const REGION = 'eu-central-1';
const ACCOUNT = '111122223333';
const ADDRESS = 'https://vault.example.com:8200';

export const DESCRIPTIONS = {
  'secrets-manager': {
    type: 'secrets-manager',
    maxRecords: 1_000,
    storageKey: `arn:aws:kms:${REGION}:${ACCOUNT}:key/storage`,
    recoveryDays: 7,
  },
  'google-secret-manager': {
    type: 'google-secret-manager',
    maxRecords: 1_000,
    project: 'share-vault-dev',
    destroyDelayDays: 0,
    method: 'token',
    audience:
      '//iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/aws-pool/providers/aws-vault',
  },
  'azure-key-vault': {
    type: 'azure-key-vault',
    maxRecords: 1_000,
    vault: `https://${VAULT_HOST}`,
    recoveryDays: 90,
    purge: false,
    tenant: TENANT,
    client: '11111111-1111-4111-8111-111111111111',
  },
  'vault-kv': {
    type: 'vault-kv',
    maxRecords: 1_000,
    address: ADDRESS,
    mount: 'kv',
    login: { method: 'jwt', mount: 'jwt', role: 'seal', audience: 'https://vault.example.com' },
  },
} as const satisfies { readonly [T in BodyStoreDescription['type']]: BodyStoreDescription & { readonly type: T } };

/** A service that gives everyone a token. */
const login = (host: string, body: object): StandIn => ({
  name: host,
  serves: (asked) => asked === host,
  respond: () => Promise.resolve({ status: 200, body }),
});

const allows = (token: string) => (token === TOKEN ? true : undefined);

/** All four services on this machine, and the environment of a function that may use them. One for each test file. */
export class BodyServices {
  readonly google = new SecretManager({
    project: 'share-vault-dev',
    projectNumber: '123456789012',
    checksum: crc32c,
    allows,
  });
  readonly azure = new KeyVaultSecrets({ host: VAULT_HOST, tenant: TENANT, purgeProtection: false, allows });
  readonly keyValue = new KeyValue();
  readonly vault = new LocalVaultServer({
    addresses: [ADDRESS],
    engines: { kv: this.keyValue },
    logins: { jwt: { login: () => Promise.resolve({ policies: ['bodies'], ttl: 300, role: 'seal' }) } },
    policies: { bodies: { 'kv/*': ['create', 'update', 'read', 'delete', 'list'] } },
  });
  readonly #dir = mkdtempSync(join(tmpdir(), 'share-vault-bodies-'));
  readonly secrets = new LocalSecrets({ dataDir: this.#dir, region: REGION, account: ACCOUNT });
  readonly #environment = { ...process.env };
  readonly #authorities = getCACertificates('default');
  #running: { readonly elsewhere: Elsewhere; readonly aws: AwsServer } | undefined;

  async start(): Promise<this> {
    const tokens = { access_token: TOKEN, token_type: 'Bearer', expires_in: 3_600 };
    const logins = ['sts.googleapis.com', 'login.microsoftonline.com'].map((host) => login(host, tokens));
    const standIns = [this.google, this.azure, this.vault, ...logins];
    const elsewhere = await startElsewhere({ standIns });
    const sessions = new Sessions();
    const issuer = new WebIdentityIssuer({ account: ACCOUNT, region: REGION });
    const roleArn = `arn:aws:iam::${ACCOUNT}:role/ShareVaultSeal`;
    const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/ShareVaultSeal/seal`;
    const session = sessions.issue({ arn, roleArn, account: ACCOUNT }, { seconds: 3_600 });
    const sts = createSts((id) => sessions.find(id), issuer);
    const aws = await startAwsServer({ services: [sts, this.secrets] });
    this.#running = { elsewhere, aws };
    Object.assign(process.env, {
      AWS_REGION: REGION,
      AWS_ENDPOINT_URL: aws.url,
      AWS_ACCESS_KEY_ID: session.accessKeyId,
      AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
      AWS_SESSION_TOKEN: session.sessionToken,
      HTTPS_PROXY: elsewhere.proxyUrl,
      // for the vendors' clients, which reach the stand-ins without it
      NO_PROXY: '127.0.0.1',
    });
    setDefaultCACertificates([...this.#authorities, readFileSync(elsewhere.caFile, 'utf8')]);
    return this;
  }

  get aws(): AwsServer {
    return this.#started.aws;
  }

  /** The stand-ins over TLS, and the proxy that leads to them. */
  get elsewhere(): Elsewhere {
    return this.#started.elsewhere;
  }

  get #started(): { readonly elsewhere: Elsewhere; readonly aws: AwsServer } {
    if (this.#running === undefined) throw new Error('expected started services');
    return this.#running;
  }

  async close(): Promise<void> {
    await Promise.all([this.#running?.elsewhere.close(), this.#running?.aws.close()]);
    process.env = this.#environment;
    setDefaultCACertificates(this.#authorities);
    rmSync(this.#dir, { recursive: true });
  }
}
