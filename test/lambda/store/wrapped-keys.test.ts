import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type WrappedDataKey, parseMessage, writeMessage } from '../../../lambda/message';
import { soon } from '../../support/postgres';
import {
  caller,
  deliveredRecord,
  newDelivery,
  newRecord,
  newWallet,
  minutesFromNow,
  serverKeyShares,
} from './fixtures';
import { auditor, receiver, sealer, superuser, useStores } from './stores';

const AWS: WrappedDataKey = wrappedTo('aws-kms', 'arn:aws:kms:eu-central-1:111122223333:key/share');
const SAFE: WrappedDataKey = wrappedTo('share-vault-recovery', `safe SHA256:${'a'.repeat(43)}`);
const GOOGLE: WrappedDataKey = wrappedTo('gcp-kms', 'projects/p-12345/locations/global/keyRings/r/cryptoKeys/k');
const nameOf = ({ providerId, providerInfo }: WrappedDataKey) =>
  `${providerId} ${Buffer.from(providerInfo).toString()}`;

function wrappedTo(providerId: string, info: string | Buffer): WrappedDataKey {
  return { providerId, providerInfo: Buffer.from(info), ciphertext: randomBytes(200) };
}

const message = (...wrapped: readonly WrappedDataKey[]) =>
  writeMessage({
    plaintext: randomBytes(600),
    dataKey: randomBytes(32),
    wrapped,
    context: new Map([['field', 'delegated_share']]),
  });

useStores(['auditor', 'receiver', 'sealer']);

/** Returns what the database reads in some bytes. */
async function keysIn(bytes: Uint8Array): Promise<unknown> {
  const { rows } = await superuser.query<{ keys: unknown }>('SELECT vault.wrapped_keys($1) AS keys', [bytes]);
  return rows[0]?.keys;
}

describe('the database reads which keys a message is wrapped to', () => {
  test.each([
    ['one', [AWS]],
    ['three', [AWS, GOOGLE, SAFE]],
    ['eight', [AWS, ...Array.from({ length: 7 }, (_, i) => wrappedTo('share-vault-recovery', `key-${i} SHA256:x`))]],
  ])('if it has %s', async (_count, keys) => {
    expect(await keysIn(message(...keys))).toEqual(keys.map(nameOf));
  });

  test('from its header only, as a body elsewhere leaves it', async () => {
    const whole = message(AWS, SAFE);
    const { header, headerTag } = parseMessage(whole);

    expect(await keysIn(whole.subarray(0, header.length + headerTag.length))).toEqual([AWS, SAFE].map(nameOf));
  });

  test('with escapes of bytes that are no printable ASCII', async () => {
    expect(await keysIn(message(wrappedTo('other', Buffer.from('zü\\'))))).toEqual(['other z\\303\\274\\\\']);
  });

  test.each<[string, () => Uint8Array]>([
    ['random bytes', () => randomBytes(900)],
    ['no byte', () => Buffer.alloc(0)],
    ['another version', () => changed(message(AWS), 0)],
    ['another suite', () => changed(message(AWS), 2)],
    ['another content type', () => changed(message(AWS), parseMessage(message(AWS)).header.length - 37)],
    ['a name of two lines', () => message(wrappedTo('other', 'a\nb'))],
    ['a provider id of two words', () => message(wrappedTo('aws-kms arn', 'a'))],
    ['a provider info of 3 KB', () => message(wrappedTo('other', 'a'.repeat(3_072)))],
  ])('and none in %s', async (_what, make) => {
    expect(await keysIn(make())).toBeNull();
  });

  test('and fails for no prefix of a message, and for no changed byte of its header', async () => {
    const whole = message(AWS, SAFE);
    const { header } = parseMessage(whole);
    const prefixes = Array.from({ length: header.length }, (_, length) => whole.subarray(0, length));
    const changes = Array.from({ length: header.length }, (_, at) => changed(whole, at));

    const query =
      'SELECT count(*)::int AS count, count(vault.wrapped_keys(m))::int AS known FROM unnest($1::bytea[]) AS m';
    const counts = async (messages: readonly Uint8Array[]) =>
      (await superuser.query(query, [messages])).rows as unknown[];

    // without the frame length and the commitment, the keys are read all the same
    expect(await counts(prefixes)).toEqual([{ count: header.length, known: 36 }]);
    expect(await counts(changes)).toMatchObject([{ count: header.length }]);
  });
});

describe('a record remembers the keys that open each of its materials', () => {
  const keysOf = async (wallet: ReturnType<typeof newWallet>) =>
    (await auditor.records(wallet, soon())).records.map(({ wrappedKeys }) => wrappedKeys);

  test('if it was sealed by a caller', async () => {
    const wallet = newWallet();
    const sealed = { delegatedShare: message(AWS, SAFE), walletApiKey: message(AWS, SAFE) };
    await sealer.seal(newRecord(wallet, { sealed }), caller, soon());

    expect(await keysOf(wallet)).toEqual([[AWS, SAFE].map(nameOf)]);
  });

  test('if it holds server key shares', async () => {
    const wallet = newWallet();
    const sealed = { serverKeyShares: message(GOOGLE, SAFE) };
    await sealer.seal(newRecord(wallet, serverKeyShares({ sealed })), caller, soon());

    expect(await keysOf(wallet)).toEqual([[GOOGLE, SAFE].map(nameOf)]);
  });

  test('if a delivery brought it', async () => {
    const wallet = newWallet();
    const sealed = { delegatedShare: message(AWS), walletApiKey: message(AWS) };
    const record = { ...deliveredRecord(wallet), sealed };
    await receiver.receiveCreated(record, newDelivery(minutesFromNow(0)), soon());

    expect(await keysOf(wallet)).toEqual([[nameOf(AWS)]]);
  });

  test('and no key that opens only one of them', async () => {
    const wallet = newWallet();
    const sealed = { delegatedShare: message(GOOGLE, AWS, SAFE), walletApiKey: message(AWS, GOOGLE) };
    await sealer.seal(newRecord(wallet, { sealed }), caller, soon());

    expect(await keysOf(wallet)).toEqual([[GOOGLE, AWS].map(nameOf)]);
  });

  test('or none, if a material is no message', async () => {
    const wallet = newWallet();
    const sealed = { delegatedShare: message(AWS), walletApiKey: randomBytes(300) };
    await sealer.seal(newRecord(wallet, { sealed }), caller, soon());

    expect(await keysOf(wallet)).toEqual([undefined]);
  });

  test('whatever a statement past the functions says', async () => {
    const wallet = newWallet();
    const sealed = { delegatedShare: message(AWS, SAFE), walletApiKey: message(AWS, SAFE) };
    const record = newRecord(wallet, { sealed });
    await sealer.seal(record, caller, soon());

    const lie = "UPDATE vault.delegated_shares SET wrapped_keys = '{aws-kms other}' WHERE id = $1";
    await superuser.query(lie, [record.recordId]);
    const { rows } = await superuser.query('SELECT wrapped_keys FROM vault.delegated_shares WHERE id = $1', [
      record.recordId,
    ]);

    expect(rows).toEqual([{ wrapped_keys: [AWS, SAFE].map(nameOf) }]);
  });
});

describe('a record of a former release', () => {
  let wallet: ReturnType<typeof newWallet>;
  beforeAll(async () => {
    wallet = newWallet();
    const sealed = { delegatedShare: message(AWS, SAFE), walletApiKey: message(AWS, SAFE) };
    const record = newRecord(wallet, { sealed });
    await sealer.seal(record, caller, soon());
    await superuser.query('ALTER TABLE vault.delegated_shares DISABLE TRIGGER remember_wrapped_keys');
    await superuser.query('UPDATE vault.delegated_shares SET wrapped_keys = NULL WHERE id = $1', [record.recordId]);
    await superuser.query('ALTER TABLE vault.delegated_shares ENABLE TRIGGER remember_wrapped_keys');
  });

  test('is listed with the keys that its messages name', async () => {
    const [record] = (await auditor.records(wallet, soon())).records;

    expect(record?.wrappedKeys).toEqual([AWS, SAFE].map(nameOf));
  });
});

function changed(bytes: Uint8Array, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
