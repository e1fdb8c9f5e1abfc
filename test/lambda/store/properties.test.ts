import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { KINDS } from '../../../lambda/contract/kinds';
import type { RecordStore, StoredRecord, WalletKey } from '../../../lambda/store/store';
import { TestDatabase, soon } from '../../support/postgres';
import { caller, newRecord, newWallet, sha256, withProperties } from './fixtures';

let database: TestDatabase;
let sealer: RecordStore;
let reader: RecordStore;
beforeAll(async () => {
  database = await TestDatabase.start();
  sealer = await database.store('vault_sealer');
  reader = await database.store('vault_reader');
});
afterAll(() => database.stop());

function seal(
  wallet: WalletKey,
  text: string | undefined,
  supersedes?: string,
  expectedVersion?: number,
): Promise<StoredRecord> {
  const properties = text === undefined ? {} : withProperties(text, { expectedVersion });
  return sealer.seal(newRecord(wallet, { ...properties, supersedes }), caller, soon());
}

/** A wallet that had the first properties and then the second. */
async function walletOf(first: string, second: string): Promise<WalletKey> {
  const wallet = newWallet();
  const { recordId } = await seal(wallet, first);
  await seal(wallet, second, recordId, 1);
  return wallet;
}

describe('properties', () => {
  test('are the newest, as they were sealed, with their digest', async () => {
    const wallet = await walletOf('{"a":1}', ' {"a":"ünïcode"}\n');
    await expect(reader.properties(wallet, undefined, soon())).resolves.toEqual({
      version: 2,
      properties: ' {"a":"ünïcode"}\n',
      sha256: sha256(' {"a":"ünïcode"}\n'),
      createdAt: expect.any(Date),
    });
  });

  test('are those of the version that is asked for', async () => {
    const wallet = await walletOf('first', 'second');
    await expect(reader.properties(wallet, 1, soon())).resolves.toMatchObject({ version: 1, properties: 'first' });
    await expect(reader.properties(wallet, 2, soon())).resolves.toMatchObject({ version: 2, properties: 'second' });
  });

  test('stay readable after the wallet was revoked', async () => {
    const wallet = await walletOf('first', 'second');
    const revoker = await database.store('vault_revoker');
    await revoker.revoke(wallet, KINDS, 'lost', caller, soon());
    await expect(reader.properties(wallet, undefined, soon())).resolves.toMatchObject({ properties: 'second' });
  });

  test('stay unchanged if a later seal brings none', async () => {
    const wallet = newWallet();
    const { recordId } = await seal(wallet, 'only');
    await seal(wallet, undefined, recordId);
    await expect(reader.properties(wallet, undefined, soon())).resolves.toMatchObject({ properties: 'only' });
  });

  test('may be as long as the largest', async () => {
    const wallet = newWallet();
    const text = 'p'.repeat(262_144);
    await seal(wallet, text);
    await expect(reader.properties(wallet, undefined, soon())).resolves.toMatchObject({ properties: text });
  });

  test.each([0, 3, -1, Number.MAX_SAFE_INTEGER])('are not found in version %d of two', async (version) => {
    const wallet = await walletOf('first', 'second');
    await expect(reader.properties(wallet, version, soon())).rejects.toThrowWithCode('NotFound');
  });

  test('are not found if the wallet has none, is on another chain, or was never seen', async () => {
    const without = newWallet();
    await seal(without, undefined);
    const { walletId } = await walletOf('first', 'second');
    await expect(reader.properties(without, undefined, soon())).rejects.toThrowWithCode('NotFound');
    await expect(reader.properties({ walletId, chain: 'SVM' }, 1, soon())).rejects.toThrowWithCode('NotFound');
    await expect(reader.properties(newWallet(), undefined, soon())).rejects.toThrowWithCode('NotFound');
  });
});
