import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createPrivateKey, createPublicKey, publicEncrypt } from 'node:crypto';
import { DisableKeyCommand, EnableKeyCommand } from '@aws-sdk/client-kms';
import { OAEP } from '../../../../lambda/contract/encrypt';
import { deadlineIn } from '../../../../lambda/invocation/deadline';
import { createAwsKmsKey } from '../../../../lambda/keys/aws-kms';
import { bindDataKey } from '../../../../lambda/keys/elsewhere/bound-data-key';
import { createMultiKey } from '../../../../lambda/keys/elsewhere/multi-key';
import { createOtherKey } from '../../../../lambda/keys/elsewhere/other-key';
import { createRecoveryKey } from '../../../../lambda/keys/elsewhere/recovery-key';
import type { KeyProvider, NewDataKey } from '../../../../lambda/keys/provider';
import { KmsFixture, flipped } from '../../../local/emulator/services/kms/support';
import { runtimeClient } from '../support';
import { withoutPauses } from '../../../support/without-pauses';
import { refusedToken } from './faults';
import { newRecoveryPair } from './support/recovery';
import { DESCRIPTIONS, KEY_VAULT, type Name, World, hostsOf, isLogin } from './support/world';

withoutPauses();

const CONTEXT = new Map([['environment', 'dev']]);
const HOUR_MS = 3_600_000;
/** Long enough for three attempts at half of it. */
const soon = (ms = 8_000) => deadlineIn(ms).signal;

let kms: KmsFixture;
let world: World;
let arn: string;
let aws: KeyProvider;
const recovery = newRecoveryPair('safe');
beforeAll(async () => {
  [kms, world] = [await new KmsFixture().start(), await World.start()];
  arn = await kms.createKey();
  aws = createAwsKmsKey({ keyArn: arn, client: runtimeClient(kms) });
});
afterAll(async () => {
  await world.close();
  await kms.remove();
});
beforeEach(async () => {
  await world.reset();
  kms.kms.faults.set({});
  await kms.client.send(new EnableKeyCommand({ KeyId: arn }));
});

const OUTAGES = ['unavailable', 'throttled', 'failing', 'dropping', 'stalling'] as const;
type Outage = (typeof OUTAGES)[number];
const CODES = {
  unavailable: 'KeyUnavailable',
  throttled: 'KeyThrottled',
  failing: 'KeyUnreachable',
  dropping: 'KeyUnreachable',
  stalling: 'KeyTimeout',
} as const satisfies Readonly<Record<Outage, string>>;

async function failKms(how: Outage): Promise<void> {
  if (how === 'unavailable') await kms.client.send(new DisableKeyCommand({ KeyId: arn }));
  else if (how === 'stalling') kms.kms.faults.set({ latencyMs: HOUR_MS });
  else kms.kms.faults.set({ error: ({ throttled: 'throttle', failing: '500', dropping: 'drop' } as const)[how] });
}

/** Makes the operations of one key fail; its logins and the other services go on. */
function fail(name: Name, how: Outage): void {
  const statuses = { unavailable: refusedToken(name), throttled: 429, failing: 503 } as const;
  world.intercept = async (request, respond) => {
    if (isLogin(request) || !hostsOf(name).includes(request.url.hostname)) return respond();
    if (how === 'stalling') return new Promise(() => undefined);
    return how === 'dropping' ? undefined : { status: statuses[how], body: '' };
  };
}

const many = (first: KeyProvider, others: readonly Name[], openWithOthers = true): KeyProvider =>
  createMultiKey({
    first,
    others: others.map((name) => createOtherKey(DESCRIPTIONS[name])),
    recovery: [createRecoveryKey(recovery.key)],
    openWithOthers,
  });

describe.each<[Name]>([['google by a token'], ['azure key vault'], ['azure managed hsm'], ['vault by aws']])(
  'a key in AWS KMS first, then one of %s',
  (name) => {
    test.each(OUTAGES)('opens with the second while the first is %s', async (how) => {
      const key = many(aws, [name]);
      const { plaintext, wrapped } = await key.wrapNewDataKey(CONTEXT, soon());
      await failKms(how);

      expect(await key.unwrapDataKey(wrapped, CONTEXT, soon(3_000))).toEqual(plaintext);
    });

    test.each(OUTAGES)('opens nothing while the first is %s, unless the vault was told so', async (how) => {
      const key = many(aws, [name], false);
      const { wrapped } = await key.wrapNewDataKey(CONTEXT, soon());
      await failKms(how);
      world.requests = [];

      await expect(
        key.unwrapDataKey(wrapped, CONTEXT, soon(how === 'stalling' ? 800 : undefined)),
      ).rejects.toThrowWithCode(CODES[how]);
      expect(world.requests).toEqual([]);
    });

    test('opens nothing with the second if the data key of the first is changed, or under another context', async () => {
      const key = many(aws, [name]);
      const { wrapped } = await key.wrapNewDataKey(CONTEXT, soon());
      world.requests = [];
      const [first, ...others] = wrapped;
      if (first === undefined) throw new Error('expected wrapped data keys, got none');
      const changed = [{ ...first, ciphertext: flipped(first.ciphertext, first.ciphertext.length - 1) }, ...others];

      await expect(key.unwrapDataKey(changed, CONTEXT, soon())).rejects.toThrowWithCode('ContextMismatch');
      const elsewhere = new Map([['environment', 'prod']]);
      await expect(key.unwrapDataKey(wrapped, elsewhere, soon())).rejects.toThrowWithCode('ContextMismatch');
      expect(world.requests).toEqual([]);
    });

    test.each(OUTAGES)('seals nothing while the second is %s, and wipes the data key', async (how) => {
      let made: NewDataKey | undefined;
      const first: KeyProvider = {
        providerId: aws.providerId,
        keyId: aws.keyId,
        unwrapDataKey: (...args) => aws.unwrapDataKey(...args),
        wrapNewDataKey: async (...args) => (made = await aws.wrapNewDataKey(...args)),
      };
      fail(name, how);

      await expect(
        many(first, [name]).wrapNewDataKey(CONTEXT, soon(how === 'stalling' ? 800 : undefined)),
      ).rejects.toThrowWithCode(CODES[how]);
      expect(made?.plaintext).toEqual(Buffer.alloc(32));
    });
  },
);

describe.each<[Name, Name]>([
  ['google by a token', 'vault by jwt'],
  ['vault by aws', 'azure key vault'],
  ['azure managed hsm', 'google by a signature'],
])('a key of %s first, then one of %s', (one, two) => {
  const both = () => many(createOtherKey(DESCRIPTIONS[one]), [two]);

  test.each(OUTAGES)('opens with the second while the first is %s', async (how) => {
    const key = both();
    const { plaintext, wrapped } = await key.wrapNewDataKey(CONTEXT, soon());
    fail(one, how);

    expect(await key.unwrapDataKey(wrapped, CONTEXT, soon(3_000))).toEqual(plaintext);
  });

  test('opens with the second after the first one was destroyed', async () => {
    const key = both();
    const { plaintext, wrapped } = await key.wrapNewDataKey(CONTEXT, soon());
    world.destroy(one);

    expect(await key.unwrapDataKey(wrapped, CONTEXT, soon())).toEqual(plaintext);
  });

  test('asks no second key after a context that differs', async () => {
    const key = both();
    const { wrapped } = await key.wrapNewDataKey(CONTEXT, soon());
    world.requests = [];

    const asked = key.unwrapDataKey(wrapped, new Map([['environment', 'prod']]), soon());

    await expect(asked).rejects.toThrowWithCode('ContextMismatch');
    expect(world.requests.filter(({ url }) => hostsOf(two).includes(url.hostname))).toEqual([]);
  });

  test.each(OUTAGES)('seals nothing while the first is %s, and does not ask the second', async (how) => {
    fail(one, how);

    await expect(both().wrapNewDataKey(CONTEXT, soon(how === 'stalling' ? 800 : undefined))).rejects.toThrowWithCode(
      CODES[how],
    );
    expect(world.requests.filter(({ url }) => hostsOf(two).includes(url.hostname))).toEqual([]);
  });
});

test('a data key that anyone wrapped to the public key of an RSA key opens only with openWithOtherKeys', async () => {
  const { key: id } = DESCRIPTIONS['azure key vault'];
  const dataKey = Buffer.alloc(32, 7);
  const { version } = world.azure.vault(KEY_VAULT).keys.find('share');
  const publicKey = createPublicKey(createPrivateKey({ key: version.material, format: 'der', type: 'pkcs8' }));
  const ciphertext = publicEncrypt({ key: publicKey, ...OAEP }, bindDataKey(dataKey, CONTEXT));
  const forged = [{ providerId: 'azure-key-vault', providerInfo: Buffer.from(id), ciphertext }];

  const asked = many(aws, ['azure key vault'], false).unwrapDataKey(forged, CONTEXT, soon());

  await expect(asked).rejects.toThrowWithCode('KeyUnavailable');
  expect(await many(aws, ['azure key vault']).unwrapDataKey(forged, CONTEXT, soon())).toEqual(dataKey);
});
