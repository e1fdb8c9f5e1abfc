import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createPublicKey, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { Account, run } from './support/account';
import {
  apiKey,
  delegated,
  expectRefusal,
  file,
  inFolder,
  keys,
  outputs,
  recordOf,
  recover,
  share,
  useRecovery,
} from './support/recovering';
import type { Row } from './support/recovery-row';

useRecovery();

describe('share-vault recover with a private key in KMS', () => {
  let account: Account;
  let arn: string;
  let record: Row;
  beforeAll(async () => {
    account = await new Account().start();
    arn = await account.createKey('recovery/cloud');
    const kms = new KMSClient({});
    const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: arn }));
    kms.destroy();
    const cloud = createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' });
    record = await delegated({ ...keys(), cloud });
  });
  afterAll(() => account.stop());

  const printed = async (name: string) => {
    const { code, stdout, stderr } = await run(['recover', ...recordOf(record), '--print-wrapped', name, '--key', 'cloud']); // prettier-ignore
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return account.unwrap(arn, Buffer.from(stdout, 'base64'));
  };
  const withDataKeys = (...dataKeys: readonly string[]) =>
    recover(...recordOf(record), ...dataKeys.flatMap((each) => ['--data-key', each]), ...outputs());

  test('opens a record with the data keys that KMS unwrapped', async () => {
    const [first, second] = [file('k1', await printed('delegated-share')), file('k2', await printed('wallet-api-key'))]; // prettier-ignore

    const { code, stderr } = await withDataKeys(`delegated-share=${first}`, `wallet-api-key=${second}`);

    expect(code).toBe(0);
    expect(stderr).toMatch(/^opened record [0-9a-f-]{36} of wallet wället-1 on EVM with its data keys\n$/);
    expect(readFileSync(inFolder('share'))).toEqual(share);
    expect(readFileSync(inFolder('api-key'))).toEqual(apiKey);
  });

  test.each([31, 33, 0])('refuses a data key of %d bytes', async (length) => {
    const key = file('k', randomBytes(length));

    expectRefusal(await withDataKeys(`delegated-share=${key}`, `wallet-api-key=${key}`), 2, /--data-key: expected a file of (at most )?32 bytes/); // prettier-ignore
  });

  test('refuses another data key', async () => {
    const key = file('k', randomBytes(32));

    expectRefusal(await withDataKeys(`delegated-share=${key}`, `wallet-api-key=${key}`), 1, 'delegated-share: expected the commitment of the data key, got another'); // prettier-ignore
  });

  test.each([
    [['delegated-share=k'], 'expected one for each material that is written'],
    [['delegated-share=k', 'delegated-share=k'], 'expected delegated-share once, got it twice'],
    [['delegated-share'], 'expected MATERIAL=FILE, got something else'],
    [['share=k'], 'expected delegated-share, wallet-api-key, server-key-shares, got another'],
  ])('refuses the data keys %j', async (dataKeys, message) => {
    expectRefusal(await withDataKeys(...dataKeys), 2, message);
  });

  test('asks for a name if the record has several recovery keys, and refuses an unknown one', async () => {
    const print = ['recover', ...recordOf(record), '--print-wrapped', 'delegated-share'];

    expectRefusal(
      await run(print),
      1,
      /expected a record that is wrapped to one recovery key, or --key .*, got safe-2026/,
    );
    expectRefusal(await run([...print, '--key', 'safe']), 1, 'wrapped to the recovery key of --key');
  });
});
