import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { LocalVault } from '../../local/vault';
import { codeOf, createdOf, revokedOf, startPatientVault } from './deliveries';
import { type TestWallet, invoke, makeWallet, sealWallet, sql, unsealWallet } from './harness';

/** Freezes with the bundles that ship, each function in a process of its own under its own role. */
let vault: LocalVault;
let wallet: TestWallet;
let freezeId: number;
beforeAll(async () => {
  vault = await startPatientVault();
  wallet = makeWallet();
  await sealWallet(vault, wallet);
});
afterAll(() => vault.close());

const FROZEN = { code: 'Frozen', retryable: false };
const [guard, second] = [() => vault.client('guard'), () => vault.client('second')];
const CALL = "CALL vault_api.unseal_records($1::json, 'by hand', 'signer', $2, NULL)";

/** Opens the wallet's record with the login of the function `unseal` in hand. */
async function openByHand(): Promise<unknown> {
  const { walletId: wallet_id, chain } = wallet;
  const client = await vault.database('vault_unsealer');
  try {
    const item = JSON.stringify([{ kind: 'delegated-share', wallet_id, chain }]);
    return (await client.query<{ results: unknown }>(CALL, [item, randomUUID()])).rows[0]?.results;
  } finally {
    await client.end();
  }
}

describe('a vault that is frozen', () => {
  beforeAll(async () => {
    // the function is warm, and logged in
    await unsealWallet(vault, wallet);
    const frozen = await guard().freeze({ scope: 'all', reason: 'ticket 4711' });
    freezeId = frozen.freezeId;
  });

  test('opens nothing with the very next call of a function that runs already', async () => {
    await expect(unsealWallet(vault, wallet)).rejects.toMatchObject(FROZEN);
  });

  test('opens nothing of a batch either', async () => {
    const items = [{ kind: 'delegated-share' as const, walletId: wallet.walletId, chain: wallet.chain }];

    const { results } = await vault.client('signer').unsealMany(items, { reason: 'test' });

    expect(results).toMatchObject([{ ok: false, error: FROZEN }]);
  });

  test('gives no ciphertext to a login of the function unseal in other hands', async () => {
    expect(await openByHand()).toMatchObject([{ outcome: 'frozen' }]);
    expect(JSON.stringify(await openByHand())).not.toMatch(/[0-9a-f]{64}/);
  });

  test('seals, accepts deliveries, revokes and audits', async () => {
    const [sealed, delivered] = [makeWallet(), makeWallet()];

    await expect(sealWallet(vault, sealed)).resolves.toMatchObject({ keyId: vault.keys.shareKeyArn });
    expect(await codeOf(vault, createdOf(delivered, vault.webhook))).toBe('200 Sealed');
    expect(await codeOf(vault, revokedOf(delivered))).toBe('200 Destroyed');
    await expect(vault.client('signer').revoke({ ...sealed, reason: 'test' })).resolves.toMatchObject({ revoked: 1 });
    await expect(vault.client('auditor').records(wallet)).resolves.toMatchObject({ records: [{ accessCount: 1 }] });
  });

  test('has a row in the access log for each attempt, and its chain is intact', async () => {
    const outcomes: string[] = [];
    for await (const { action, outcome } of vault.client('auditor').accessLog(wallet)) outcomes.push(`${action} ${outcome}`); // prettier-ignore

    expect(outcomes.slice(0, 3)).toEqual(['seal sealed', 'unseal granted', 'unseal frozen']);
    expect(new Set(outcomes.slice(2))).toEqual(new Set(['unseal frozen']));
    await expect(vault.client('auditor').verifyAccessLog(wallet)).resolves.toMatchObject({ intact: true });
  });

  test('is not thawed by the actor that requested it, nor by the functions of others', async () => {
    await guard().requestThaw({ freezeId, reason: 'over' });

    await expect(guard().confirmThaw({ freezeId })).rejects.toThrowWithCode('Conflict');
    await expect(unsealWallet(vault, wallet)).rejects.toMatchObject(FROZEN);
    const stranger = await invoke(vault, 'thaw', { action: 'confirm-thaw', freezeId }, 'stranger');
    expect(stranger.body.errorType).toBe('ActorRequired');
  });

  test('opens again after another actor confirmed, and the log of freezes has all three', async () => {
    await expect(second().confirmThaw({ freezeId })).resolves.toMatchObject({ inForce: 0 });

    await expect(unsealWallet(vault, wallet)).resolves.toEqual(wallet.materials);
    const rows = await sql(vault, 'SELECT action, actor FROM vault.freeze_log WHERE freeze_id = $1 ORDER BY id', [freezeId]); // prettier-ignore
    expect(rows).toEqual([
      { action: 'freeze', actor: 'guard' },
      { action: 'request-thaw', actor: 'guard' },
      { action: 'thaw', actor: 'second' },
    ]);
  });
});

describe('a freeze of one actor', () => {
  test('is refused for a name that may not unseal, and names those that may', async () => {
    await expect(guard().freeze({ scope: 'actor', name: 'auditor', reason: 'r' })).rejects.toMatchObject({
      code: 'InvalidRequest',
      message: expect.stringContaining('expected an actor that may unseal (signer), got another'),
    });
  });

  test('stops that actor while the database is busy with locks on its wallet', async () => {
    const holder = await vault.database('superuser');
    await holder.query('BEGIN');
    await holder.query('SELECT FROM vault.wallets WHERE wallet_id = $1 FOR UPDATE', [wallet.walletId]);

    const { freezeId: id } = await guard().freeze({ scope: 'actor', name: 'signer', reason: 'r' });
    await holder.query('ROLLBACK');
    await holder.end();

    await expect(unsealWallet(vault, wallet)).rejects.toMatchObject(FROZEN);
    await second().requestThaw({ freezeId: id, reason: 'over' });
    await guard().confirmThaw({ freezeId: id });
  });
});

test('a role that was granted only unsealing can neither freeze nor thaw', async () => {
  const signer = vault.lambdaClient(vault.session('signer'));
  const asGuard = vault.client('guard', signer);

  await expect(asGuard.freeze({ scope: 'all', reason: 'r' })).rejects.toMatchObject({ code: 'InvokeRefused' });
  await expect(asGuard.confirmThaw({ freezeId })).rejects.toMatchObject({ code: 'InvokeRefused' });
});
