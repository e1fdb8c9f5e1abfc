import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeExecutionCommand, ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import type { Amend } from '../../local/emulator/deploy/restores';
import { type LocalVault, startVault } from '../../local/vault';
import { endpointConfig } from '../../local/vault/endpoint';
import { shippedBundles } from '../../local/vault/shipped';
import { logFolder } from '../support/run';
import { synthesized } from '../support/synthesized';
import { freshData } from '../support/vault-template';
import { makeWallet, sealWallet } from './harness';
import { RESTORE_TESTING_TEMPLATE } from './restore-testing-stack';

/** A vault whose backups are restored and checked: the event, the state machine, its role, and a second PostgreSQL. */
const template = join(synthesized(join(__dirname, 'restore-testing-stack.ts')), RESTORE_TESTING_TEMPLATE);

let dataDir: string;
let logDir: string;
let vault: LocalVault;
let states: SFNClient;
beforeAll(async () => {
  dataDir = await freshData(template);
  logDir = logFolder();
  vault = await startVault({ template, dataDir, bundles: shippedBundles(), logDir, longestWaitSeconds: 0.05 });
  states = new SFNClient(endpointConfig(vault));
  await sealWallet(vault, makeWallet());
});
afterAll(async () => {
  states.destroy();
  await vault.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const ruleOf = (prefix: string) =>
  vault.template.eventRules().find(({ logicalId }) => logicalId.startsWith(prefix))?.logicalId ?? '';
const keepCanary = () => vault.fire(ruleOf('VaultRestoreTestingCanary'));

/** Restores, and waits for the end of the test. Returns how the execution, the job and the cluster ended. */
async function drill(amend?: Amend) {
  const before = new Set((await executions()).map(({ name }) => name));
  const id = await vault.restores.restore(amend);
  for (;;) {
    const started = (await executions()).find(({ name }) => !before.has(name));
    if (started === undefined) continue;
    const { status, error } = await states.send(new DescribeExecutionCommand({ executionArn: started.executionArn }));
    if (status === 'RUNNING') continue;
    const { validation, deletion } = vault.restores.job(id);
    return { status, error, validation, deletion, left: vault.restores.clusters.length };
  }
}

async function executions() {
  const stateMachineArn = `arn:aws:states:${vault.region}:${vault.account}:stateMachine:share-vault-local-restore-test`;
  return (await states.send(new ListExecutionsCommand({ stateMachineArn }))).executions ?? [];
}

const PROVEN = { status: 'SUCCEEDED', validation: { status: 'SUCCESSFUL' }, deletion: 'SUCCESSFUL', left: 0 };
const UNPROVEN = {
  status: 'FAILED',
  error: 'Unproven',
  validation: { status: 'FAILED' },
  deletion: 'SUCCESSFUL',
  left: 0,
};

describe('a restore test', () => {
  test('fails before there is a canary, and leaves no instance and no cluster', async () => {
    expect(await drill()).toMatchObject(UNPROVEN);
  });

  test('proves a restored backup, and leaves no instance and no cluster', async () => {
    await keepCanary();

    expect(await drill()).toMatchObject(PROVEN);
  });
});
