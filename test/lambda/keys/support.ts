import {
  DisableKeyCommand,
  type KMSClientConfig,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { createAwsKmsKey } from '../../../lambda/keys/aws-kms';
import { createKmsClient } from '../../../lambda/keys/kms-client';
import { type AwsServerOptions, startAwsServer } from '../../../local/aws';
import { KmsFixture } from '../../local/kms/support';
import type { KeyProviderFixture } from './contract';

const HOUR_MS = 3_600_000;

/** A client as the runtime makes it, but for where it goes; destroyed with the fixture. */
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

/** A server that answers as the fixture's KMS does, but for some members of its answers. */
export async function startAltered(
  fixture: KmsFixture,
  alter: (answer: object) => object,
  options: Partial<AwsServerOptions> = {},
) {
  const { targetPrefix, internalError } = fixture.kms;
  const handle = async (call: Parameters<typeof fixture.kms.handle>[0]) => alter(await fixture.kms.handle(call));
  const server = await startAwsServer({ services: [{ targetPrefix, internalError, handle }], ...options });
  fixture.onStop(() => server.close());
  return server.url;
}
