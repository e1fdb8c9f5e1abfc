import { expect } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import type { Credentials } from '../../../../local/emulator/services/functions/environment';
import { type StolenMessage, copyMessage, logIn, nextSecond, outcomeOf, unwrap } from '../thief';
import { material } from '../../../support/run';
import type { Situation } from '../runbook';
import { type TestWallet, makeWallet } from '../../harness';
import type { World } from '../world';

/** The commands of the page about freezes. */
export function freezePage(world: World): Situation {
  const opens = (outcome: string) => async () => expect(await world.open()).toBe(outcome);
  return {
    begin: () => {
      world.facts.set('SHARE_KEY', world.vault.keys.shareKeyArn);
      return Promise.resolve();
    },
    checks: [
      { after: 'npx --no-install share-vault freeze --all', title: 'callers open nothing', holds: opens('Frozen') },
      { after: 'npx --no-install share-vault thaw request', title: 'callers open nothing', holds: opens('Frozen') },
      { after: 'npx --no-install share-vault thaw confirm', title: 'callers open records', holds: opens('opened') },
      {
        after: 'aws kms disable-key',
        title: 'nothing opens, and the role that disabled the key can neither enable nor describe it',
        holds: async () => {
          expect(await world.open()).toBe('KeyUnavailable');
          const key = world.facts.get('SHARE_KEY') ?? '';
          for (const command of ['enable-key', 'describe-key', 'cancel-key-deletion', 'schedule-key-deletion']) {
            const denied = await world.shell.run(`aws kms ${command} --key-id ${key} --profile emergency-stop`);
            expect(denied).toContain('AccessDenied');
          }
        },
      },
      { after: 'aws kms enable-key', title: 'callers open records', holds: opens('opened') },
    ],
  };
}

export function freezeDrill(world: World): Situation {
  return {
    checks: [
      {
        after: 'share-vault thaw confirm FREEZE --as oncall',
        title: 'callers open nothing: one person can not thaw',
        holds: async () => expect(await world.open()).toBe('Frozen'),
      },
      {
        after: 'share-vault thaw confirm FREEZE --as security',
        title: 'callers open records again',
        holds: async () => expect(await world.open()).toBe('opened'),
      },
    ],
  };
}

/** The session of the role of `unseal` is stolen. It opens a copy of a row, and another record by the database's routine. */
export function functionRole(world: World): Situation {
  let [thief, stolen]: [Credentials?, StolenMessage?] = [];
  let versions: ReadonlySet<string> = new Set();
  const versionsOf = () => world.vault.template.versions().map(({ logicalId }) => logicalId);
  const steal = () => unwrap(world, thief, stolen);
  return {
    begin: async () => {
      thief = world.vault.functionSession(world.vault.functions.unseal);
      const [robbed, request] = [await world.seal(), randomUUID()];
      const login = await logIn(world, thief, 'vault_unsealer');
      expect(await openByHand(login, robbed, request)).toMatchObject([{ outcome: 'granted' }]);
      await login.end();
      expect(await unwrap(world, thief, await copyMessage(world, robbed))).toBe('opened');
      world.facts.set('ROBBED', robbed.walletId).set('REQUEST', request);
      await world.seal();
      stolen = await copyMessage(world, world.wallet);
      expect(await steal()).toBe('opened');
      world.deploys.push('other-memory');
      versions = new Set(versionsOf());
      await nextSecond();
    },
    checks: [
      {
        after: 'npx --no-install cdk deploy',
        title: 'each function has a new version: only a new one has new sessions',
        holds: () => {
          expect(versionsOf().filter((logicalId) => versions.has(logicalId))).toEqual([]);
          return Promise.resolve();
        },
      },
      {
        after: 'role=$(aws lambda',
        title: "the thief's next call is refused",
        holds: async () => expect(await steal()).toBe('AccessDeniedException'),
      },
      {
        after: 'for stopped in',
        title: 'nothing is sealed or delivered',
        holds: async () => {
          await expect(world.seal()).rejects.toThrow();
          expect(await world.deliver(makeWallet())).not.toMatch(/^200/);
        },
      },
      {
        after: 'for started in',
        title: 'deliveries are sealed again, with the concurrency that the template reserves',
        holds: async () => {
          expect(await world.deliver(makeWallet())).toBe('200 Sealed');
          expect(world.reserved('receive', 'seal')).toEqual([96, 77]);
        },
      },
      {
        after: 'share-vault thaw request',
        title: 'callers open records again, by a new session of the role',
        holds: async () => expect(await world.open()).toBe('opened'),
      },
      {
        after: 'share-vault export --actor auditor > logs.jsonl',
        title: "the trail's data events are at hand",
        holds: () => {
          const { unseal, reseal } = world.vault.functions;
          const ids = [unseal, reseal].flatMap((name) => world.invocations(name));
          world.shell.write('invoked.txt', ids.map((id) => `${id}\n`).join(''));
          return Promise.resolve();
        },
      },
      {
        after: 'grep -oE \'"encryptionContext"',
        title: 'nothing else is reported: not the openings by the vault, nor the theft that has a row',
        holds: () => {
          expect(world.shell.printed).toBe(`${world.facts.get('RECORD') ?? ''}\n`);
          return Promise.resolve();
        },
      },
      {
        after: `grep -E '"outcome"`,
        title: 'that theft is among rows without an invocation, and nothing else is',
        holds: () => {
          expect(world.shell.printed.trim()).toBe(world.facts.get('REQUEST'));
          return Promise.resolve();
        },
      },
    ],
  };
}

/** The session of a caller's role is stolen. */
export function actor(world: World): Situation {
  let caller: Credentials | undefined;
  return {
    begin: async () => {
      caller = world.vault.session('wallet-backend');
      world.facts.set('ROLE', 'wallet-backend');
      const { walletId, userId, chain } = world.wallet;
      const wallet = { walletId, userId, chain, accountAddress: '0x00' };
      await world.vault.client('backend').sealServerKeyShares({ ...wallet, serverKeyShares: material(300) });
    },
    checks: [
      {
        after: 'share-vault freeze --actor backend',
        title: 'the actor opens nothing',
        holds: async () => expect(await world.open(world.wallet, caller)).toBe('Frozen'),
      },
      {
        after: 'printf',
        title: "the next call with the caller's stolen session is refused",
        holds: async () => expect(await world.open(world.wallet, caller)).toBe('InvokeRefused'),
      },
      {
        after: 'share-vault revoke',
        title: "the wallet's server key shares are still there: nobody may have another copy",
        holds: async () => {
          const { records } = await world.vault.client('auditor').records(world.wallet);
          expect(records.map(({ kind }) => kind)).toEqual(['server-key-shares']);
        },
      },
      {
        after: 'aws iam delete-role-policy',
        title: 'the leaked share stays destroyed, and a new delegation opens',
        holds: async () => {
          expect(await world.open()).toBe('Revoked');
          expect(await world.deliver(world.wallet)).toBe('200 Sealed');
          expect(await world.open()).toBe('opened');
        },
      },
    ],
  };
}

const OPEN = "CALL vault_api.unseal_records($1::json, 'by hand', 'backend', $2, NULL)";

/** Calls the routine that opens records, as the function `unseal` does. */
async function openByHand(session: Client | undefined, { walletId: wallet_id, chain }: TestWallet, requestId: string) {
  const items = JSON.stringify([{ kind: 'delegated-share', wallet_id, chain }]);
  return (await session?.query<{ results: unknown }>(OPEN, [items, requestId]))?.rows[0]?.results;
}

/** Somebody is logged in to the database with a token that the role of `unseal` signed. */
export function databaseLogin(world: World): Situation {
  let [thief, session]: [Credentials?, Client?] = [];
  const open = () => openByHand(session, world.wallet, randomUUID());
  return {
    begin: async () => {
      world.facts.set('CLUSTER', world.vault.template.databases()[0]?.identifier ?? '');
      thief = world.vault.functionSession(world.vault.functions.unseal);
      session = await logIn(world, thief, 'vault_unsealer');
      expect(await open()).toMatchObject([{ outcome: 'granted' }]);
      world.deploys.push('first');
      await nextSecond();
    },
    checks: [
      {
        after: 'share-vault freeze --all',
        title: 'the open session gets no ciphertext',
        holds: async () => {
          expect(await open()).toMatchObject([{ outcome: 'frozen' }]);
          expect(JSON.stringify(await open())).not.toMatch(/[0-9a-f]{64}/);
        },
      },
      {
        after: 'role=$(aws lambda',
        title: 'the stolen credentials log in no more, and the open session stays',
        holds: async () => {
          await expect(logIn(world, thief, 'vault_unsealer')).rejects.toThrow('PAM authentication failed');
          await expect(open()).resolves.toMatchObject([{ outcome: 'frozen' }]);
        },
      },
      {
        after: 'for instance in',
        title: 'the open session has ended',
        holds: async () => expect(await outcomeOf(open())).not.toBe('opened'),
      },
      {
        after: 'share-vault thaw request',
        title: 'callers open records again',
        holds: async () => expect(await world.open()).toBe('opened'),
      },
    ],
  };
}
