import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { ShareVaultClient } from '../../../../client/index';
import type { Deployed } from '../../../../local/emulator/deploy';
import { FixedClock } from '../signature/support';
import { type TestWallet, BACKEND, ENVIRONMENT, as, clientOf, deployTest, logIn, makeWallet, unseal } from './support';

const HOUR = 3_600_000;
const FUNCTION = `share-vault-${ENVIRONMENT}-unseal`;

const clock = new FixedClock();
let vault: Deployed;
let wallet: TestWallet;
beforeAll(async () => {
  vault = await deployTest({ sessionClock: clock.now });
  wallet = makeWallet();
  const backend = await clientOf(vault, 'signer', vault.session(BACKEND));
  await backend.seal({ kind: 'delegated-share', ...wallet });
});
afterAll(() => vault.close());

/** Returns a caller with a new session. */
function caller(): ShareVaultClient {
  const lambda = new LambdaClient(as(vault, vault.session(BACKEND)));
  const functions = { unseal: FUNCTION };
  return new ShareVaultClient({ environment: ENVIRONMENT, actor: 'signer', functions, lambda, attempts: 1 });
}

function pids(): readonly number[] {
  return vault.lambda.processes().flatMap(({ name, pid }) => (name === FUNCTION ? [pid] : []));
}

describe('a function', () => {
  let before: readonly number[];
  beforeEach(async () => {
    // so that its session is issued now
    clock.at += 7 * HOUR;
    await unseal(caller(), wallet);
    before = pids();
  });

  test('keeps its session, and its process, through the first half', async () => {
    clock.at += 6 * HOUR;

    await unseal(caller(), wallet);

    expect(pids()).toEqual(before);
  });

  test('is invoked in a new process, with a new session, in the second half', async () => {
    clock.at += 6 * HOUR + 1;

    await unseal(caller(), wallet);

    expect(pids()).toEqual([expect.any(Number)]);
    expect(pids()).not.toEqual(before);
  });

  test('works after its first session has ended', async () => {
    clock.at += 13 * HOUR;

    expect(await unseal(caller(), wallet)).toEqual(wallet.materials);
  });
});

describe('a session that has ended', () => {
  test('is refused to its caller', async () => {
    const backend = caller();
    clock.at += 12 * HOUR;

    await expect(unseal(backend, wallet)).rejects.toMatchObject({ cause: { name: 'ExpiredTokenException' } });
  });

  test('logs in to the database no more', async () => {
    const role = vault.template.roles().find(({ logicalId }) => logicalId.startsWith('VaultFunctionsunsealRole'));
    const credentials = vault.session(role?.name ?? '');
    clock.at += 12 * HOUR;

    await expect(logIn(vault, 'vault_unsealer', credentials)).rejects.toMatchObject({ code: '28000' });
    expect(vault.trail.entries.at(-1)).toMatchObject({ message: 'token: session-expired' });
  });
});
