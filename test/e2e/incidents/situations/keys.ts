import { expect } from '@jest/globals';
import { sql } from '../../harness';
import type { Situation } from '../runbook';
import { type StolenMessage, copyMessage, unwrap } from '../thief';
import type { World } from '../world';

export function rotation(world: World): Situation {
  let before: StolenMessage | undefined;
  return {
    begin: async () => {
      before = await copyMessage(world, world.wallet);
      world.facts.set('SHARE_KEY', world.vault.keys.shareKeyArn);
    },
    checks: [
      {
        after: 'aws kms rotate-key-on-demand',
        title: 'the rotation starts a run',
        holds: async () => {
          const status = () => world.shell.run('share-vault reseal status --actor auditor');
          let found = await status();
          while (found.includes('expected a reseal of the last 90 days')) found = await status();
          expect(found).toMatch(/^state +(RUNNING|SUCCEEDED)$/m);
        },
      },
      {
        after: 'share-vault keys census',
        title: 'the record has another data key, and the old copy still opens: a rotation is no cure',
        holds: async () => {
          expect((await copyMessage(world, world.wallet)).wrapped).not.toEqual(before?.wrapped);
          expect(await unwrap(world, insider(world), before)).toBe('opened');
          expect(await world.open()).toBe('opened');
        },
      },
    ],
  };
}

/** Somebody can decrypt with the share key, and has a copy of a row. */
export function shareKey(world: World): Situation {
  let stolen: StolenMessage | undefined;
  const steal = () => unwrap(world, insider(world), stolen);
  return {
    begin: async () => {
      stolen = await copyMessage(world, world.wallet);
      const { shareKeyArn } = world.vault.keys;
      world.facts.set('SHARE_KEY', shareKeyArn).set('SHARE_KEYS', shareKeyArn);
      world.deploys.push('next-opens', 'next-seals');
      expect(await steal()).toBe('opened');
    },
    checks: [
      {
        after: 'share-vault freeze --all',
        title: 'the thief still decrypts: a freeze does not bind KMS',
        holds: async () => expect(await steal()).toBe('opened'),
      },
      {
        after: 'for key in SHARE_KEYS; do aws kms disable-key',
        title: 'the next decryption is refused, and nothing is sealed',
        holds: async () => {
          expect(await steal()).toBe('DisabledException');
          await expect(world.seal()).rejects.toMatchObject({ code: 'KeyUnavailable' });
        },
      },
      {
        after: 'for key in SHARE_KEYS; do aws kms enable-key',
        title: 'the copy opens again: only another key ends that',
        holds: async () => {
          expect(await steal()).toBe('opened');
          await world.seal();
        },
      },
      {
        after: 'share-vault keys retire SHARE_KEY',
        title: 'the old message opens with nothing, and the record is under the new key',
        holds: async () => {
          expect(await steal()).toBe('DisabledException');
          const { wrapped } = await copyMessage(world, world.wallet);
          expect(Buffer.from(wrapped).equals(Buffer.from(stolen?.wrapped ?? []))).toBe(false);
        },
      },
      {
        after: 'share-vault thaw request CALLERS_FREEZE',
        title: 'callers open the records under the new key',
        holds: async () => expect(await world.open()).toBe('opened'),
      },
    ],
  };
}

export function keyRetirement(world: World): Situation {
  return {
    begin: async () => {
      world.facts.set('FORMER_KEY', world.facts.get('SHARE_KEY') ?? '');
      world.deploys.push('former-let-go');
      // an hour later: the functions of the deploy before the replacement seal no more
      await sql(world.vault, "UPDATE vault.sealing_keys SET sealed_until = now() WHERE sealed_until < 'infinity'");
    },
    checks: [
      {
        after: 'npx --no-install cdk deploy',
        title: 'callers open records, and a run of reseals finds none under the key',
        holds: async () => {
          expect(await world.open()).toBe('opened');
          const run = await world.shell.run('share-vault reseal start --actor auditor --watch');
          expect(run).toMatch(/^SUCCEEDED +resealed 0, failed 0/m);
        },
      },
    ],
  };
}

/** Somebody who runs code in the function `unseal`: no policy of the share key refuses them. */
function insider({ vault }: World) {
  return vault.functionSession(vault.functions.unseal);
}
