import { expect } from '@jest/globals';
import { type KeyObject, createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rowOf, sealRow } from '../../../client/commands/support/recovery-row';
import { material } from '../../../support/run';
import { type TestWallet, makeWallet, sql } from '../../harness';
import type { Situation } from '../runbook';
import type { World } from '../world';

/** A backup was made; since then, a wallet was revoked and another one delivered. */
export function restore(world: World): Situation {
  const [revoked, kept, missing, direct] = [makeWallet(), makeWallet(), makeWallet(), makeWallet()] as const;
  const facts = { eventId: randomUUID(), at: new Date(Date.now() - 60_000) };
  return {
    begin: async () => {
      for (const each of [revoked, kept]) expect(await world.deliver(each)).toBe('200 Sealed');
      await world.backUp();
      await world.vault.client('backend').revoke({ ...revoked, reason: 'user left' });
      expect(await world.deliver(missing, { facts })).toBe('200 Sealed');
      await sealServerKeyShares(world, direct);
      world.facts.set('REVOKED', revoked.walletId);
      world.deploys.push('restored');
    },
    checks: [
      {
        after: 'for stopped in',
        title: 'nothing is revoked, sealed or delivered, which the former database would take with it',
        holds: async () => {
          await expect(world.vault.client('backend').revoke({ ...kept, reason: 'too late' })).rejects.toThrow();
          await expect(world.seal()).rejects.toThrow();
          expect(await world.deliver(makeWallet())).not.toMatch(/^200/);
        },
      },
      {
        after: 'npx --no-install cdk deploy ShareVault-prod',
        title: 'the revoked share is there again, and nothing opens it',
        holds: async () => {
          const { records } = await world.vault.client('auditor').records(revoked);
          expect(records).toHaveLength(1);
          expect(await world.open(revoked)).toBe('Frozen');
        },
      },
      {
        after: 'for started in',
        title: 'records are sealed again, with the concurrency that the template reserves',
        holds: async () => {
          expect((await world.seal()).walletId).toBe(world.facts.get('WALLET'));
          expect(world.reserved('receive', 'seal', 'revoke')).toEqual([96, 77, 19]);
        },
      },
      {
        after: 'share-vault thaw request FREEZE',
        title: 'the revoked share stays closed, others open, and a missed delivery is accepted again',
        holds: async () => {
          expect(await world.open(revoked)).toBe('Revoked');
          expect(await world.open(kept)).toBe('opened');
          expect(await world.open(missing)).toBe('NotFound');
          expect(await world.deliver(missing, { facts })).toBe('200 Sealed');
          expect(await world.open(missing)).toBe('opened');
        },
      },
      {
        after: 'share-vault thaw request FREEZE',
        title: 'a repeated direct seal is stored, but not over a newer delivery or a revocation',
        holds: async () => {
          await sealServerKeyShares(world, direct);
          const again = ({ materials, ...facts }: TestWallet) =>
            world.vault.client('backend').seal({ kind: 'delegated-share', ...facts, materials });
          await expect(again(missing)).rejects.toThrowWithCode('Conflict');
          await expect(again(revoked)).rejects.toThrowWithCode('Revoked');
        },
      },
    ],
  };
}

export function restoreDrill(world: World): Situation {
  return {
    begin: () => {
      world.facts.set('KEPT', `kept-${randomUUID()}`).set('REVOKED', `revoked-${randomUUID()}`);
      world.deploys.push('restored-again');
      return Promise.resolve();
    },
    checks: [
      {
        after: 'for wallet in',
        title: 'a backup is made',
        holds: () => world.backUp(),
      },
    ],
  };
}

/** The backend revoked a wallet that it should have kept. */
export function accidentalRevocation(world: World): Situation {
  let wallet: TestWallet;
  const former = { eventId: randomUUID(), at: new Date(Date.now() - 60_000) };
  return {
    begin: async () => {
      wallet = makeWallet();
      expect(await world.deliver(wallet, { facts: former })).toBe('200 Sealed');
      await sealServerKeyShares(world, wallet);
      await world.vault.client('backend').revoke({ ...wallet, reason: 'by accident' });
      world.facts.set('WALLET', wallet.walletId);
      world.shell.write('copy.json', 'the copy of the server key shares');
    },
    checks: [
      {
        after: 'share-vault export --actor auditor --from DAY',
        title: 'a copy and the former delivery are no way back, and a new delegation is one',
        holds: async () => {
          const { materials, ...facts } = wallet;
          const copy = { kind: 'delegated-share', ...facts, materials } as const;
          expect(await world.open(wallet)).toBe('Revoked');
          await expect(world.vault.client('backend').seal(copy)).rejects.toThrowWithCode('Revoked');
          expect(await world.deliver(wallet, { facts: { at: former.at } })).toBe('200 Outdated');
          expect(await world.deliver(wallet)).toBe('200 Sealed');
          // the new delegation lifts the tombstone of delegated shares only
          await expect(sealServerKeyShares(world, wallet)).rejects.toThrowWithCode('Revoked');
        },
      },
    ],
  };
}

/** Seals server key shares for a wallet. */
async function sealServerKeyShares(world: World, { walletId, chain, userId }: TestWallet): Promise<void> {
  const materials = { serverKeyShares: material(300) };
  await world.vault.client('backend').seal({ kind: 'server-key-shares', walletId, chain, userId, materials });
}

/**
 * Records that were wrapped to a recovery key are all that is left of a region. The wallet's delegated share was revoked and
 * delivered again; another wallet's was revoked for good.
 */
export function lostRegion(world: World): Situation {
  const [again, gone] = [makeWallet(), makeWallet()] as const;
  const row = async (walletId: string, keys: Readonly<Record<string, KeyObject>>, order: string) => {
    const materials = { delegatedShare: material(457), walletApiKey: material(51) };
    return JSON.stringify({
      ...rowOf(await sealRow('delegated-share', materials, keys, { walletId })),
      order_ns: order,
    });
  };
  return {
    begin: async () => {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const keys = { 'safe-2026': createPublicKey(privateKey) };
      const backend = world.vault.client('backend');
      for (const wallet of [again, gone]) expect(await world.deliver(wallet)).toBe('200 Sealed');
      const orderOfGone = await orderOf(world, gone);
      for (const wallet of [again, gone])
        await backend.revoke({ ...wallet, kinds: ['delegated-share'], reason: 'leaked' });
      expect(await world.deliver(again)).toBe('200 Sealed');
      await world.shell.run(
        'rm -f tombstones.jsonl; share-vault tombstones export --actor auditor --out tombstones.jsonl',
      );
      // the local vault stands for the new one, which has no record of this wallet
      const walletId = randomUUID();
      const list = join(world.shell.folder, 'tombstones.jsonl');
      world.shell.write('tombstones.jsonl', readFileSync(list, 'utf8').replaceAll(again.walletId, walletId));
      world.facts.set('RECOVERED', walletId);
      world.facts.set('NEW', world.vault.environment).set('NEW_REGION', world.vault.region);
      world.shell.write('row.json', await row(walletId, keys, await orderOf(world, again)));
      world.shell.write('gone.json', await row(gone.walletId, keys, orderOfGone));
      world.shell.write('safe-2026.pem', privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
    },
    checks: [
      {
        after: 'share-vault recover',
        title: 'the list has the recovered wallet, and a record that stayed revoked is refused',
        holds: async () => {
          const list = readFileSync(join(world.shell.folder, 'tombstones.jsonl'), 'utf8');
          const recover = `share-vault recover --environment prod --record gone.json --private-key safe-2026.pem
            --tombstones tombstones.jsonl --delegated-share gone --wallet-api-key gone-key`;

          expect(list).toContain(`"walletId":"${world.facts.get('RECOVERED') ?? ''}"`);
          expect(await world.shell.run(recover.replaceAll('\n', ' '))).toMatch(/got a revoked one.*\nexit code 4\n$/);
        },
      },
      {
        after: 'share-vault seal',
        title: 'the recovered share opens in the vault that serves now',
        holds: async () =>
          expect(await world.open({ walletId: world.facts.get('RECOVERED') ?? '', chain: 'EVM' })).toBe('opened'),
      },
    ],
  };
}

/** Returns the place of a wallet's delegated share among its events, as the query of docs/keys/recovery.md does. */
async function orderOf({ vault }: World, { walletId }: TestWallet): Promise<string> {
  const text =
    'SELECT order_ns::text AS "order" FROM vault.delegated_shares WHERE wallet_id = $1 AND superseded_at IS NULL';
  const [row] = await sql<{ order: string }>(vault, text, [walletId]);
  return row?.order ?? '';
}

/** A deploy went wrong: the deploy after it is the former release. */
export function badRelease(world: World): Situation {
  return {
    begin: () => {
      world.deploys.push('first');
      return Promise.resolve();
    },
  };
}
