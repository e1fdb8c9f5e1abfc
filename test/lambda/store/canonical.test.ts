import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Client } from 'pg';
import { KINDS } from '../../../lambda/contract/kinds';
import { isCanonicalChain, isCanonicalId } from '../../../lambda/contract/canonical';
import { walletsToRevoke } from '../../../lambda/store/revocation';
import { migrate } from '../../../lambda/store/migrate';
import { MIGRATIONS } from '../../../lambda/store/migrations';
import { TestDatabase, soon } from '../../support/postgres';
import {
  at,
  caller,
  deliveredRecord,
  minutesFromNow,
  newDelivery,
  newRecord,
  newWallet,
  outcomes,
  query,
} from './fixtures';
import { sealBefore } from './previous-release';

const BEFORE = MIGRATIONS.slice(
  0,
  MIGRATIONS.findIndex(({ name }) => name === '0014-canonical'),
);

/** Spellings that all look like `EVM`, as an older release stored them beside it. */
const ODD = ['evm', 'EVM ', 'EVM\u200b'] as const;
const { walletId } = newWallet();

let database: TestDatabase;
let superuser: Client;
let files: readonly unknown[];

const filesOf = async (): Promise<readonly unknown[]> => {
  const { rows } = await superuser.query<Record<string, unknown>>(
    // the log's first partition is the table of before: the lowest number
    `SELECT min(pg_relation_filenode(oid)) AS log, pg_relation_filenode('vault.webhook_events') AS events FROM pg_class
      WHERE relnamespace = 'vault'::regnamespace AND relname LIKE 'share\\_access\\_log%' AND relkind = 'r'`,
  );
  return rows;
};

beforeAll(async () => {
  database = await TestDatabase.startEmpty();
  superuser = await database.superuser();
  await migrate(await database.login('share_vault_master'), { migrations: BEFORE });
  const sealer = await database.login('vault_sealer');
  for (const chain of ODD) await sealBefore(sealer, newRecord({ walletId, chain }));
  files = await filesOf();
  await migrate(await database.login('share_vault_master'));
});
afterAll(async () => {
  await database.disconnect();
  await database.stop();
});

/** Returns the texts that a domain's constraints accept, in one query: `VALUE` in them is also a column's name. */
async function taken(domain: 'id' | 'chain', texts: readonly string[]): Promise<readonly string[]> {
  const { rows: checks } = await superuser.query<{ condition: string }>(
    `SELECT pg_get_expr(conbin, 0) AS condition FROM pg_constraint
      WHERE contypid = $1::regtype AND contype = 'c'`,
    [`vault.${domain}`],
  );
  const conditions = checks.map(({ condition }) => `(${condition})`).join(' AND ');
  const { rows } = await superuser.query<{ value: string }>(
    `SELECT value FROM unnest($1::text[]) WITH ORDINALITY AS u (value, n) WHERE ${conditions} ORDER BY n`,
    [texts],
  );
  return rows.map(({ value }) => value);
}

describe('the database and the handlers', () => {
  test('accept the same code points within an id', async () => {
    const points = Array.from({ length: 0x10_ffff }, (_, i) => i + 1).filter((code) => code < 0xd800 || code > 0xdfff);
    const texts = points.map((code) => `a${String.fromCodePoint(code)}b`);
    const [good, bad] = [texts.filter(isCanonicalId), texts.filter((text) => !isCanonicalId(text))];
    // joins a thousand good texts into one: the database reads one long text faster than a thousand short ones
    const blocks = Array.from({ length: Math.ceil(good.length / 1_000) }, (_, i) =>
      good.slice(i * 1_000, (i + 1) * 1_000).join(''),
    );

    await expect(taken('id', blocks)).resolves.toEqual(blocks);
    await expect(taken('id', bad)).resolves.toEqual([]);
  }, 60_000);

  test('accept the same ASCII characters at an end of a chain', async () => {
    const texts = Array.from({ length: 127 }, (_, i) => String.fromCharCode(i + 1)).flatMap((c) => [
      `EVM${c}`,
      `${c}EVM`,
      `eip${c}`,
      `eip155:${c}`,
    ]);

    await expect(taken('chain', texts)).resolves.toEqual(texts.filter(isCanonicalChain));
  });

  test('take the same of any texts', async () => {
    const unit = fc.constantFrom('E', 'v', '1', ':', '-', '_', ' ', '\u200b', 'e\u0301', '\u00e9', 'Е', 'ß');
    const texts = fc.sample(fc.string({ unit, minLength: 1, maxLength: 10 }), { numRuns: 3_000, seed: 9 });
    const chains = texts.filter((text) => text.length <= 10);

    await expect(taken('id', texts)).resolves.toEqual(texts.filter(isCanonicalId));
    await expect(taken('chain', chains)).resolves.toEqual(chains.filter(isCanonicalChain));
  });
});

describe('a database of the previous release, with wallets in odd spellings', () => {
  test('keeps the files of its large tables', async () => {
    await expect(filesOf()).resolves.toEqual(files);
  });

  test.each(ODD)('accepts no new record for the chain %j', async (chain) => {
    const sealer = await database.store('vault_sealer');
    const receiver = await database.store('vault_receiver');

    await expect(sealer.seal(newRecord({ ...newWallet(), chain }), caller, soon())).rejects.toThrowWithCode(
      'InternalError',
    );
    const delivered = receiver.receiveCreated(
      deliveredRecord({ walletId, chain }),
      newDelivery(minutesFromNow(1)),
      soon(),
    );
    await expect(delivered).rejects.toThrowWithCode('InternalError');
  });

  test('accepts no new record for an odd id', async () => {
    const sealer = await database.store('vault_sealer');
    const record = newRecord({ walletId: `${newWallet().walletId}\u200b`, chain: 'EVM' });

    await expect(sealer.seal(record, caller, soon())).rejects.toThrowWithCode('InternalError');
  });

  test.each(ODD)('opens the records of the chain %j after a rollback to the previous release', async (chain) => {
    const unsealer = await database.store('vault_unsealer');

    await expect(unsealer.unseal(query({ walletId, chain }), caller, soon())).resolves.toMatchObject({
      accessCount: 1,
    });
  });

  test.each(ODD)('keeps a row of an attempt on an unknown wallet of the chain %j', async (chain) => {
    const unsealer = await database.store('vault_unsealer');
    const unknown = { ...newWallet(), chain };

    await expect(unsealer.unseal(query(unknown), caller, soon())).rejects.toThrowWithCode('NotFound');

    const logged = 'SELECT chain FROM vault.unknown_wallet_log WHERE wallet_id = $1';
    await expect(superuser.query(logged, [unknown.walletId])).resolves.toMatchObject({ rows: [{ chain }] });
  });

  test('destroys every spelling of a wallet by one revocation', async () => {
    const revoker = await database.store('vault_revoker');
    const auditor = await database.store('vault_auditor');
    const { canonical, others } = await walletsToRevoke({ walletId, chain: 'EVM' }, revoker, soon());

    for (const wallet of others) await revoker.revoke(wallet, KINDS, 'the user left', caller, soon());

    expect(canonical).toEqual({ walletId, chain: 'EVM' });
    expect(others.map(({ chain }) => chain)).toEqual(['EVM ', 'EVM\u200b', 'evm']);
    for (const chain of ODD) {
      await expect(auditor.records({ walletId, chain }, soon())).resolves.toMatchObject({ records: [] });
      await expect(outcomes(superuser, { walletId, chain })).resolves.toEqual([
        'seal sealed',
        'unseal granted',
        'revoke revoked',
      ]);
    }
  });

  test('accepts a delivered revocation of an odd spelling', async () => {
    const receiver = await database.store('vault_receiver');

    await expect(receiver.receiveRevoked({ walletId, chain: 'EVM ' }, newDelivery(at(1)), soon())).resolves.toBe(
      'outdated',
    );
  });
});
