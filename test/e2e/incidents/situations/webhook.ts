import { expect } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { DeliveryKey } from '../../deliveries';
import { makeWallet } from '../../harness';
import type { Situation } from '../runbook';
import type { World } from '../world';

/** Somebody has the signing secret, and stored a share of their own. */
export function signingSecret(world: World): Situation {
  let leaked = '';
  return {
    begin: async () => {
      leaked = world.signingSecret;
      const forged = makeWallet();
      expect(await world.deliver(forged, { facts: { eventId: 'forged-1' } })).toBe('200 Sealed');
      world.facts.set('FORGED', forged.walletId).set('EVENT', 'forged-1');
      world.signingSecret = `dyn_whsec_${randomUUID()}`;
      world.shell.write('new-secret.txt', world.signingSecret);
    },
    checks: [
      {
        after: 'share-vault webhook-test',
        title: 'a delivery that was signed with the leaked secret is refused',
        holds: async () => expect(await world.deliver(makeWallet(), { secret: leaked })).toBe('401 SignatureMismatch'),
      },
    ],
  };
}

/** Somebody has the private half of the webhook key. */
export function webhookKey(world: World): Situation {
  let key: DeliveryKey | undefined;
  return {
    begin: async () => {
      key = world.vault.webhook;
      const wallet = makeWallet();
      expect(await world.deliver(wallet)).toBe('200 Sealed');
      world.facts.set('WEBHOOK_KEY', world.vault.keys.webhookKeyArn).set('DELIVERED', wallet.walletId);
      world.deploys.push('two-webhook-keys', 'new-webhook-key');
    },
    checks: [
      {
        after: 'aws kms disable-key',
        title: 'a delivery to the leaked key is refused',
        holds: async () => expect(await world.deliver(makeWallet(), { key })).not.toMatch(/^200/),
      },
      {
        after: 'share-vault webhook-test',
        title: 'the new key is the only one that opens',
        holds: async () => {
          expect(await world.deliver(makeWallet(), { key })).toBe('400 TransportRejected');
          expect(await world.deliver(makeWallet())).toBe('200 Sealed');
        },
      },
    ],
  };
}
