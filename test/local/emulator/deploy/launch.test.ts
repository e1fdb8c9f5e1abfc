import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ShareVaultClient } from '../../../../client/index';
import type { Deployed } from '../../../../local/emulator/deploy';
import { logFolder } from '../../../support/run';
import { removalsOf } from './removals';
import { WATCHER, clientOf, consumerTemplate, deployTest } from './support';

const FUNCTION = 'share-vault-dev-audit';
const wallet = { walletId: 'none', chain: 'EVM' };
const logDir = logFolder();
const log = join(logDir, `${FUNCTION}.log`);

let vault: Deployed;
let watcher: ShareVaultClient;
beforeAll(async () => {
  vault = await deployTest({ logDir });
  watcher = await clientOf(vault, 'auditor', vault.session(WATCHER));
});
afterEach(() => vault.decideWith(undefined));
afterAll(() => vault.close());

/** Removes the permission for an action and forces a cold start. */
async function takeOut(action: string): Promise<void> {
  const [removal] = removalsOf(consumerTemplate()).filter(
    (one) => one.policy.startsWith('VaultFunctionsauditRole') && one.effect === 'Allow' && one.action === action,
  );
  vault.decideWith(removal?.remove);
  await vault.lambda.restart(FUNCTION);
}

const linesOf = (file: string): number => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').length : 0);

test('a function that may not write its log runs without one', async () => {
  await takeOut('logs:PutLogEvents');
  const before = linesOf(log);

  await watcher.records(wallet);

  expect(linesOf(log)).toBe(before);
});

test('a function that may write its log writes it', async () => {
  await takeOut('none');
  const before = linesOf(log);

  await watcher.records(wallet);

  expect(linesOf(log)).toBeGreaterThan(before);
});

test('a function whose role makes no network interfaces does not start', async () => {
  await takeOut('ec2:CreateNetworkInterface');

  await expect(watcher.records(wallet)).rejects.toMatchObject({
    cause: {
      name: 'EC2AccessDeniedException',
      message: 'The provided execution role does not have permissions to call CreateNetworkInterface on EC2',
    },
  });
});

test('a function that may not be traced runs, and the refusal is on the trail', async () => {
  await takeOut('xray:PutTraceSegments');

  await watcher.records(wallet);

  expect(vault.trail.entries.at(-1)).toMatchObject({
    principal: expect.stringMatching(/:assumed-role\/.+\/share-vault-dev-audit$/),
    action: 'xray:PutTraceSegments',
    result: 'AccessDeniedException',
  });
});
