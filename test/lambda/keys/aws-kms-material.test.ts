import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DisableKeyCommand, RotateKeyOnDemandCommand } from '@aws-sdk/client-kms';
import { createAwsKmsKey } from '../../../lambda/keys/aws-kms';
import { currentMaterialId } from '../../../lambda/keys/aws-kms-material';
import { soon } from '../../support/postgres';
import { KmsFixture } from '../../local/emulator/services/kms/support';
import { runtimeClient, startAltered } from './support';

let fixture: KmsFixture;
let keyArn: string;
beforeAll(async () => {
  fixture = await new KmsFixture().start();
  keyArn = await fixture.createKey();
});
afterAll(() => fixture.remove());

const CONTEXT = new Map([['field', 'delegated_share']]);
const current = (arn = keyArn, endpoint = fixture.url) =>
  currentMaterialId(arn, soon().signal, runtimeClient(fixture, { endpoint }));

describe('the present material of a key', () => {
  test('is the one that wraps new data keys, before a rotation and after it', async () => {
    const key = createAwsKmsKey({ keyArn, client: runtimeClient(fixture) });
    const before = await current();
    expect((await key.wrapNewDataKey(CONTEXT, soon().signal)).materialId).toBe(before);

    await fixture.client.send(new RotateKeyOnDemandCommand({ KeyId: keyArn }));
    const after = await current();
    expect(after).not.toBe(before);
    expect((await key.wrapNewDataKey(CONTEXT, soon().signal)).materialId).toBe(after);
  });

  test.each([[undefined], ['x'], ['A'.repeat(64)]])('is unknown if KMS names it %j', async (CurrentKeyMaterialId) => {
    const endpoint = await startAltered(fixture, (response) => ({
      ...response,
      ...('KeyMetadata' in response && { KeyMetadata: { KeyId: 'key', CurrentKeyMaterialId } }),
    }));
    expect(await current(keyArn, endpoint)).toBe('');
  });

  test('is known of a disabled key, and of no key that is not there', async () => {
    const disabled = await fixture.createKey();
    await fixture.client.send(new DisableKeyCommand({ KeyId: disabled }));

    expect(await current(disabled)).toMatch(/^[0-9a-f]{64}$/);
    await expect(current(`${keyArn.slice(0, -1)}x`)).rejects.toThrowWithCode('KeyUnavailable');
  });
});

test('a key that is observed names the material of each data key that it opens', async () => {
  const seen: string[] = [];
  const key = createAwsKmsKey({ keyArn, client: runtimeClient(fixture), onUnwrap: (id) => seen.push(id) });
  const old = await key.wrapNewDataKey(CONTEXT, soon().signal);
  await fixture.client.send(new RotateKeyOnDemandCommand({ KeyId: keyArn }));
  const fresh = await key.wrapNewDataKey(CONTEXT, soon().signal);
  for (const { wrapped } of [old, fresh]) await key.unwrapDataKey(wrapped, CONTEXT, soon().signal);

  expect(seen).toEqual([old.materialId, fresh.materialId]);
  expect(old.materialId).not.toBe(fresh.materialId);
});
