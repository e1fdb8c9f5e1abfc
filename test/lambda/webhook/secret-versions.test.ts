import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { deadlineIn } from '../../../lambda/invocation/deadline';
import { type ReadVersions, secretVersions } from '../../../lambda/webhook/secret-versions';
import { SigningSecret } from '../../../lambda/webhook/signing-secret';
import { type Receiver, receiveEnv, startReceiver } from './receiver';

const environment = { ...process.env };
let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
  Object.assign(process.env, receiveEnv(receiver.url, { shareKeyArn: '', webhookKeys: {}, secretArn: '' }));
});
afterEach(() => receiver.secrets.faults.clear());
afterAll(async () => {
  process.env = environment;
  await receiver.close();
});

const soon = () => AbortSignal.timeout(10_000);
const textsOf = async (read: ReadVersions) => {
  const versions = await read(soon());
  return versions && [versions.current, versions.previous].map((each) => each && Buffer.from(each).toString());
};

describe("a secret's versions", () => {
  test('are not waited for once the time is up', async () => {
    const read = secretVersions(await receiver.createSecret('fifth', { SecretString: 'one' }));
    receiver.secrets.faults.set({ operation: 'GetSecretValue', latencyMs: 3_600_000 });

    await expect(read(AbortSignal.timeout(100))).rejects.toThrow();
  });

  test('are none, then one, then two, and no third', async () => {
    const arn = await receiver.createSecret('first');
    const read = secretVersions(arn);

    expect(await textsOf(read)).toBeUndefined();
    await receiver.putSecret(arn, 'one');
    expect(await textsOf(read)).toEqual(['one', undefined]);
    await receiver.putSecret(arn, 'two');
    expect(await textsOf(read)).toEqual(['two', 'one']);
    await receiver.putSecret(arn, 'drei ä');
    expect(await textsOf(read)).toEqual(['drei ä', 'two']);
  });

  test('have the time of the current one', async () => {
    const read = secretVersions(await receiver.createSecret('second', { SecretString: 'one' }));

    const versions = await read(soon());

    expect(versions?.createdAt.getTime()).toBeGreaterThan(Date.UTC(2020, 0, 1));
  });

  test('are none if the value is bytes', async () => {
    const read = secretVersions(await receiver.createSecret('third', { SecretBinary: Buffer.from('one') }));

    expect(await textsOf(read)).toBeUndefined();
  });

  test('are read again if a call failed', async () => {
    const read = secretVersions(await receiver.createSecret('fourth', { SecretString: 'one' }));
    receiver.secrets.faults.set({ operation: 'GetSecretValue', error: '500', times: 1 });

    expect(await textsOf(read)).toEqual(['one', undefined]);
  });

  test.each([{ error: 'throttle' }, { error: '500' }, { error: 'drop' }] as const)(
    'are unavailable while Secrets Manager responds with %j',
    async (fault) => {
      const arn = await receiver.createSecret(`with-${fault.error}`, { SecretString: 'one' });
      receiver.secrets.faults.set({ operation: 'GetSecretValue', ...fault });

      const asked = new SigningSecret(secretVersions(arn)).accepted(deadlineIn(10_000));

      await expect(asked).rejects.toThrowWithCode('SecretUnavailable');
    },
  );
});
