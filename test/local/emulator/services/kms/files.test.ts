import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GetKeyRotationStatusCommand,
  GetPublicKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { LocalKms } from '../../../../../local/emulator/services/kms';
import { KmsFixture } from './support';

const MODE = 0o777;

describe('key files of the local KMS', () => {
  let fixture = new KmsFixture();

  beforeEach(async () => {
    fixture = await new KmsFixture().start();
  });
  afterEach(() => fixture.remove());

  const restart = async () => {
    await fixture.stop();
    await fixture.start();
  };
  const folder = () => join(fixture.dataDir, 'kms');
  const fileOf = (arn: string) => join(folder(), `${arn.split('/')[1] ?? ''}.json`);

  test('keeps symmetric keys, their rotation and their former material over a restart', async () => {
    const KeyId = await fixture.createKey({ Description: 'share key' });
    const old = await fixture.client.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('old') }));
    await fixture.client.send(new RotateKeyOnDemandCommand({ KeyId }));
    const young = await fixture.client.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('young') }));
    await fixture.client.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 90 }));
    const before = await fixture.client.send(new DescribeKeyCommand({ KeyId }));

    await restart();

    const after = await fixture.client.send(new DescribeKeyCommand({ KeyId }));
    const rotation = await fixture.client.send(new GetKeyRotationStatusCommand({ KeyId }));
    const opened = await Promise.all(
      [old, young].map(({ CiphertextBlob }) => fixture.client.send(new DecryptCommand({ CiphertextBlob }))),
    );
    expect(after.KeyMetadata).toEqual(before.KeyMetadata);
    expect(rotation.RotationPeriodInDays).toBe(90);
    expect(opened.map(({ Plaintext }) => Buffer.from(Plaintext ?? []).toString())).toEqual(['old', 'young']);
  });

  test('keeps RSA keys over a restart', async () => {
    const KeyId = await fixture.createKey({ KeySpec: 'RSA_2048' });
    const before = await fixture.client.send(new GetPublicKeyCommand({ KeyId }));

    await restart();

    const after = await fixture.client.send(new GetPublicKeyCommand({ KeyId }));
    expect(after.PublicKey).toEqual(before.PublicKey);
  });

  test.each([
    ['Disabled', DisableKeyCommand],
    ['PendingDeletion', ScheduleKeyDeletionCommand],
  ])('keeps the state %s over a restart', async (state, command) => {
    const KeyId = await fixture.createKey();
    await fixture.client.send(new command({ KeyId }));

    await restart();

    const { KeyMetadata } = await fixture.client.send(new DescribeKeyCommand({ KeyId }));
    expect(KeyMetadata?.KeyState).toBe(state);
  });

  test('lets only its owner in', async () => {
    const KeyId = await fixture.createKey();
    await fixture.client.send(new DisableKeyCommand({ KeyId }));

    expect(statSync(folder()).mode & MODE).toBe(0o700);
    expect(statSync(fileOf(KeyId)).mode & MODE).toBe(0o600);
    expect(readdirSync(folder())).toEqual([`${KeyId.split('/')[1] ?? ''}.json`]);
  });

  test("removes a key's file once its waiting period is over", async () => {
    const KeyId = await fixture.createKey();
    await fixture.client.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    fixture.passDays(8);

    await restart();
    const asked = fixture.client.send(new DescribeKeyCommand({ KeyId }));

    await expect(asked).rejects.toThrowWithCode('NotFoundException');
    expect(readdirSync(folder())).toEqual([]);
  });

  test('a draft that a crash left behind changes nothing', async () => {
    const KeyId = await fixture.createKey();
    writeFileSync(`${fileOf(KeyId)}.new`, '{"half":', { mode: 0o644 });

    await restart();
    await fixture.client.send(new DisableKeyCommand({ KeyId }));

    expect(statSync(fileOf(KeyId)).mode & MODE).toBe(0o600);
    expect(readdirSync(folder())).toHaveLength(1);
  });

  test.each([
    ['cut off', (content: string) => content.slice(0, -9)],
    ['without its material', (content: string) => content.replace('"materials"', '"other"')],
  ])('does not start over a key file that is %s', async (_what, damage) => {
    const KeyId = await fixture.createKey();
    const file = fileOf(KeyId);
    writeFileSync(file, damage(readFileSync(file, 'utf8')));

    expect(() => new LocalKms({ dataDir: fixture.dataDir })).toThrow(`expected a key in ${file}`);
  });
});
