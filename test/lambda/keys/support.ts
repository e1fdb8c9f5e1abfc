import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DisableKeyCommand,
  GetPublicKeyCommand,
  type KMSClientConfig,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createAwsKmsKey } from '../../../lambda/keys/aws-kms';
import { createAwsKmsRsaKey } from '../../../lambda/keys/aws-kms-rsa';
import { createKmsClient } from '../../../lambda/keys/kms-client';
import { createSecretRsaKey } from '../../../lambda/keys/secret-rsa';
import { createSecretsClient } from '../../../lambda/keys/secrets-client';
import { type AwsService, LocalSecrets, startAwsServer } from '../../../local/emulator/services';
import { KmsFixture, interceptor } from '../../local/emulator/services/kms/support';
import type { KeyProviderFixture } from './contract';
import type { RsaKeyFixture } from './rsa-contract';

const HOUR_MS = 3_600_000;

/** A client in the runtime's configuration, with another endpoint; destroyed with the fixture. */
export function runtimeClient(fixture: KmsFixture, config: KMSClientConfig = {}) {
  const client = createKmsClient({ ...fixture.config, maxAttempts: 3, ...config });
  fixture.onStop(() => client.destroy());
  return client;
}

/** Two keys of `aws-kms` over the local KMS. */
export async function startAwsKms(): Promise<KeyProviderFixture> {
  const kms = await new KmsFixture().start();
  const KeyId = await kms.createKey();
  const client = runtimeClient(kms);
  const { faults } = kms.kms;
  const failures = {
    throttled: () => faults.set({ error: 'throttle' }),
    failing: () => faults.set({ error: '500' }),
    dropping: () => faults.set({ error: 'drop' }),
    hanging: () => faults.set({ latencyMs: HOUR_MS }),
    gone: () => kms.closeServer(),
  };
  return {
    key: createAwsKmsKey({ keyArn: KeyId, client }),
    other: createAwsKmsKey({ keyArn: await kms.createKey(), client }),
    disable: async () => {
      await kms.client.send(new DisableKeyCommand({ KeyId }));
    },
    scheduleDeletion: async () => {
      await kms.client.send(new ScheduleKeyDeletionCommand({ KeyId }));
    },
    destroy: async () => {
      await kms.client.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
      kms.passDays(8);
    },
    rotate: async () => {
      await kms.client.send(new RotateKeyOnDemandCommand({ KeyId }));
    },
    fail: async (how) => failures[how](),
    failOnce: (how) => faults.set({ error: how === 'failing' ? '500' : 'drop', times: 1 }),
    remove: () => kms.remove(),
  };
}

/** A server's responses after the caller's permission is removed. */
class Denial {
  denied = false;

  /** Gives every request this response while it is active. */
  readonly service = interceptor(() => this.denied, {
    status: 400,
    body: JSON.stringify({ __type: 'AccessDeniedException' }),
  });
}

const FAULTS = {
  throttled: { error: 'throttle' },
  failing: { error: '500' },
  dropping: { error: 'drop' },
  hanging: { latencyMs: HOUR_MS },
} as const;

/** An RSA key of the local KMS. */
export async function startAwsKmsRsa(): Promise<RsaKeyFixture> {
  const denial = new Denial();
  const fixture = await new KmsFixture().start(denial.service);
  const keyArn = await fixture.createKey({ KeySpec: 'RSA_2048' });
  const { PublicKey = Buffer.alloc(0) } = await fixture.client.send(new GetPublicKeyCommand({ KeyId: keyArn }));
  return {
    key: createAwsKmsRsaKey({ keyArn, client: runtimeClient(fixture) }),
    publicKey: createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' }),
    ...failures(denial, fixture.kms.faults),
    remove: () => fixture.remove(),
  };
}

function failures(denial: Denial, faults: LocalSecrets['faults']): Pick<RsaKeyFixture, 'fail' | 'recover'> {
  return {
    fail: (how) => {
      if (how === 'denied') denial.denied = true;
      else faults.set(FAULTS[how]);
    },
    recover: () => {
      denial.denied = false;
      faults.clear();
    },
  };
}

/** A server with the responses of the fixture's KMS, except for some members. */
export async function startAltered(
  fixture: KmsFixture,
  alter: (response: object) => object,
  ...before: readonly AwsService[]
) {
  const { targetPrefix, internalError } = fixture.kms;
  const handle = async (call: Parameters<typeof fixture.kms.handle>[0]) => alter(await fixture.kms.handle(call));
  const server = await startAwsServer({ services: [...before, { targetPrefix, internalError, handle }] });
  fixture.onStop(() => server.close());
  return server.url;
}

/** Secrets Manager over HTTP, a client with the runtime's settings, and secrets with private keys. */
export async function startSecrets() {
  const dataDir = mkdtempSync(join(tmpdir(), 'share-vault-secrets-'));
  const secrets = new LocalSecrets({ dataDir });
  const denial = new Denial();
  const server = await startAwsServer({ services: [denial.service, secrets] });
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'unused' };
  const config = { endpoint: server.url, region: 'us-east-1', credentials };
  const plain = new SecretsManagerClient(config);
  const client = createSecretsClient(config);
  return {
    client,
    plain,
    ...failures(denial, secrets.faults),
    /** Returns a secret's ARN. */
    async create(Name: string, value: { SecretString?: string; SecretBinary?: Uint8Array }): Promise<string> {
      const { ARN = '' } = await plain.send(new CreateSecretCommand({ Name, ...value }));
      return ARN;
    },
    async remove(): Promise<void> {
      plain.destroy();
      client.destroy();
      await server.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Stores a private key in a secret, in this form. */
export async function startSecretRsa(form: 'pem' | 'der'): Promise<RsaKeyFixture> {
  const secrets = await startSecrets();
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const value = {
    pem: () => ({ SecretString: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }),
    der: () => ({ SecretBinary: privateKey.export({ type: 'pkcs8', format: 'der' }) }),
  }[form]();
  const secretArn = await secrets.create('webhook-key', value);
  return { ...secrets, key: createSecretRsaKey({ secretArn, client: secrets.client }), publicKey };
}
