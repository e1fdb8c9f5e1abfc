import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { globSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { DisableKeyCommand, EnableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { DescribeExecutionCommand, ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import type { Client } from 'pg';
import { ENV } from '../../lambda/contract/variables';
import { type LocalVault, startVault } from '../../local/vault';
import { endpointConfig } from '../../local/vault/endpoint';
import { shippedBundles } from '../../local/vault/shipped';
import { logFolder } from '../support/run';
import { synthesized } from '../support/synthesized';
import { freshData } from '../support/vault-template';
import { makeWallet, sealWallet, sql, unsealWallet } from './harness';
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
  const wallet = makeWallet();
  await sealWallet(vault, wallet);
  await unsealWallet(vault, wallet);
  // a canary states the heads of the logs of a minute ago
  await sql(vault, 'ALTER TABLE vault.share_access_log DISABLE TRIGGER ALL');
  await sql(vault, "UPDATE vault.share_access_log SET at = at - interval '1 hour'");
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
async function drill(amend?: (client: Client) => Promise<unknown>) {
  const before = new Set((await executions()).map(({ name }) => name));
  const id = await vault.restores.restore(amend);
  for (;;) {
    const started = (await executions()).find(({ name }) => !before.has(name));
    await setTimeout(20);
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

const failedWith = (message: RegExp) => ({ status: 'FAILED', message: expect.stringMatching(message) });
const PROVEN = { status: 'SUCCEEDED', validation: { status: 'SUCCESSFUL' }, deletion: 'SUCCESSFUL', left: 0 };
const UNPROVEN = {
  status: 'FAILED',
  error: 'Unproven',
  validation: { status: 'FAILED' },
  deletion: 'SUCCESSFUL',
  left: 0,
};

/** Lines of the function's log with a metric, newest last. */
const logged = (metric: string): readonly Readonly<Record<string, unknown>>[] =>
  globSync(`${logDir}/**/*`)
    .filter((file) => file.includes('restore-check'))
    .flatMap((file) => readFileSync(file, 'utf8').split('\n'))
    .filter((line) => line.startsWith('{') && line.includes(`"${metric}"`))
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);

const name = () => vault.functions['restore-check'];

/** The key that only opens. */
function retiringKey(): string {
  const [arn = ''] = JSON.parse(vault.functionEnv('restore-check')[ENV.openingKeyArns] ?? '[]') as string[];
  return arn;
}

describe('a restore test', () => {
  test('fails before there is a canary, and leaves no instance and no cluster', async () => {
    expect(await drill()).toMatchObject({ ...UNPROVEN, validation: failedWith(/canary/) });
  });

  test('proves a restored backup, and leaves no instance and no cluster', async () => {
    await keepCanary();

    expect(await drill()).toMatchObject(PROVEN);
  });

  test('sends the minutes of the restore, the age of the backup, and the days since the last proof', () => {
    expect(logged('RestoreMinutes').at(-1)).toMatchObject({ RestoreMinutes: 0, RecoveryPointAgeMinutes: 0 });
    expect(logged('DaysSinceRestoreTest').at(-1)).toMatchObject({ environment: 'local', DaysSinceRestoreTest: 0 });
  });

  test.each([
    ['its canaries', 'restore_canaries', /canary/],
    ['rows of its log', 'share_access_log', /log|head/],
  ])('does not prove a restored database that lost %s', async (_what, table, message) => {
    // as a superuser could, or a disk
    const lose = async (client: Client) => {
      await client.query(`ALTER TABLE vault.${table} DISABLE TRIGGER ALL`);
      await client.query(`DELETE FROM vault.${table}`);
    };

    expect(await drill(lose)).toMatchObject({ ...UNPROVEN, validation: failedWith(message) });
  });

  test('does not prove a backup whose share key is disabled, and proves it once the key is enabled', async () => {
    const kms = new KMSClient(endpointConfig(vault));
    const KeyId = vault.keys.shareKeyArn;
    await kms.send(new DisableKeyCommand({ KeyId }));
    expect(await drill()).toMatchObject({ ...UNPROVEN, validation: failedWith(/KeyUnavailable|share key/) });
    await kms.send(new EnableKeyCommand({ KeyId }));
    kms.destroy();

    expect(await drill()).toMatchObject(PROVEN);
  });

  test('fails if the function ends without a response, and deletes its instance', async () => {
    await vault.lambda.updateFunction(name(), { timeoutMs: 1 });

    expect(await drill()).toMatchObject({ ...UNPROVEN, validation: { message: 'the check ended without a result' } });
    await vault.lambda.updateFunction(name(), { timeoutMs: 600_000 });
  });

  test('fails if its role may not create an instance, and leaves no cluster', async () => {
    vault.decideWith((made) => withoutStatement(made, 'AllowInstance'));

    expect(await drill()).toMatchObject({ ...UNPROVEN, validation: { message: 'the instance could not be created' } });
    vault.decideWith(undefined);
  });
});

describe('a restore test of a backup from before a replacement of the share key', () => {
  /** Seals a canary as the function did when the retiring key was the share key. */
  const keepFormerCanary = async () => {
    const env = vault.functionEnv('restore-check');
    const former = {
      ...env,
      [ENV.shareKeyArn]: retiringKey(),
      [ENV.openingKeyArns]: JSON.stringify([vault.keys.shareKeyArn]),
    };
    vault.decideWith(letRetiringKeySeal);
    await vault.lambda.updateFunction(name(), { env: former });
    await keepCanary();
    await vault.lambda.updateFunction(name(), { env });
    vault.decideWith(undefined);
  };

  test('opens the canary with the key that only opens', async () => {
    await keepFormerCanary();
    const [newest] = await sql<{ sealed: Buffer }>(
      vault,
      'SELECT sealed FROM vault.restore_canaries ORDER BY made_at DESC LIMIT 1',
    );
    expect(String(newest?.sealed)).toContain(retiringKey());

    expect(await drill()).toMatchObject(PROVEN);
  });

  test('is not proven if the function may not use that key', async () => {
    vault.decideWith((made) => withoutStatement(made, 'AllowOpenCanary', 'KeyPolicy'));

    expect(await drill()).toMatchObject({ ...UNPROVEN, validation: failedWith(/does not open|share key/) });
    vault.decideWith(undefined);
  });
});

describe('the roles of a restore test', () => {
  const verdict = async (role: string, action: string, resource: string, context = {}) => {
    const { logicalId = '' } = vault.template.roles().find((each) => each.logicalId.startsWith(role)) ?? {};
    return (await vault.explain(logicalId, action, resource, context))[0];
  };
  const arn = (service: string, rest: string) => `arn:aws:${service}:${vault.region}:${vault.account}:${rest}`;

  test.each(['rds:ModifyDBCluster', 'rds:CreateDBInstance'])(
    'do not allow %s on the cluster of the vault',
    async (action) => {
      const [own] = vault.template.databases();

      expect(await verdict('VaultRestoreTestingMachineRole', action, own?.arn ?? '')).toMatch(/^DENIED/);
      expect(await verdict('VaultRestoreTestingMachineRole', action, arn('rds', 'cluster:awsbackup-restore-test-1'))).toMatch(/^ALLOWED/); // prettier-ignore
    },
  );

  test('let no other function log in to a restored cluster, where revoked shares are back', async () => {
    const restored = (user: string) => arn('rds-db', `dbuser:cluster-RESTORED/${user}`);

    expect(await verdict('VaultRestoreTestingFunctionRole', 'rds-db:connect', restored('vault_restore_checker'))).toMatch(/^ALLOWED/); // prettier-ignore
    expect(await verdict('VaultRestoreTestingFunctionRole', 'rds-db:connect', restored('vault_unsealer'))).toMatch(/^DENIED/); // prettier-ignore
    expect(await verdict('VaultFunctionsunsealRole', 'rds-db:connect', restored('vault_unsealer'))).toMatch(/^DENIED/);
  });
});

describe('the function that checks', () => {
  const CHECKER = 'VaultRestoreTestingFunctionRole';
  const canary = { environment: 'local', kind: 'restore-canary', id: 'c', facts: 'f' };
  const record = { environment: 'local', record: 'r', field: 'delegated_share', chain: 'EVM', owner: 'o' };
  const ask = async (action: string, context: Readonly<Record<string, string>>, key = vault.keys.shareKeyArn) => {
    const { logicalId = '' } = vault.template.roles().find((each) => each.logicalId.startsWith(CHECKER)) ?? {};
    return (await vault.explain(logicalId, action, key, context))[0];
  };

  test.each(['kms:Decrypt', 'kms:GenerateDataKey'])('may use %s for canaries, and for no record', async (action) => {
    expect(await ask(action, canary)).toMatch(/^ALLOWED/);
    expect(await ask(action, record)).toMatch(/^DENIED/);
    expect(await ask(action, { ...record, kind: 'restore-canary' })).toMatch(/^DENIED/);
    expect(await ask(action, { ...canary, environment: 'prod' })).toMatch(/^DENIED/);
    expect(await ask(action, {})).toMatch(/^DENIED/);
  });

  test('may open canaries with a key that only opens, no record, and may seal nothing with it', async () => {
    const key = retiringKey();

    expect(await ask('kms:Decrypt', canary, key)).toMatch(/^ALLOWED/);
    expect(await ask('kms:Decrypt', record, key)).toMatch(/^DENIED/);
    expect(await ask('kms:Decrypt', { ...record, kind: 'restore-canary' }, key)).toMatch(/^DENIED/);
    expect(await ask('kms:Decrypt', { ...canary, environment: 'prod' }, key)).toMatch(/^DENIED/);
    expect(await ask('kms:Decrypt', {}, key)).toMatch(/^DENIED/);
    expect(await ask('kms:GenerateDataKey', canary, key)).toMatch(/^DENIED/);
  });

  test('could open records if the key had no condition on its context', async () => {
    vault.decideWith((made) => withoutConditions(made, 'AllowRestoreCheck'));

    expect(await ask('kms:Decrypt', record)).toMatch(/^ALLOWED/);
    vault.decideWith(undefined);
  });
});

interface Statement {
  readonly Sid?: string;
  Action: string | readonly string[];
  Condition?: object;
}
interface Resource {
  readonly Properties?: Readonly<Record<string, { Statement: Statement[] } | undefined>>;
}

/** Returns the policies of a template's resources in a property. */
const policiesIn = (made: object, property: string) =>
  Object.values((made as { readonly Resources: Readonly<Record<string, Resource>> }).Resources).flatMap(
    ({ Properties }) => Properties?.[property] ?? [],
  );

/** Removes the conditions of a statement from all key policies. */
function withoutConditions(made: object, sid: string): void {
  const statements = policiesIn(made, 'KeyPolicy').flatMap(({ Statement }) => Statement);
  for (const statement of statements) if (statement.Sid === sid) delete statement.Condition;
}

/** Removes a statement from all managed policies, or from the policies in another property. */
function withoutStatement(made: object, sid: string, property = 'PolicyDocument'): void {
  for (const document of policiesIn(made, property)) {
    document.Statement = document.Statement.filter(({ Sid }) => Sid !== sid);
  }
}

/** Lets the function seal canaries with the retiring key, as it could when that was the share key. */
function letRetiringKeySeal(made: object): void {
  for (const { Statement } of [...policiesIn(made, 'KeyPolicy'), ...policiesIn(made, 'PolicyDocument')]) {
    for (const statement of Statement) {
      const isOfEndpoint = statement.Sid === undefined && [statement.Action].flat().join() === 'kms:Decrypt';
      if (statement.Sid === 'AllowOpenCanary' || isOfEndpoint) {
        statement.Action = ['kms:Decrypt', 'kms:GenerateDataKey'];
      }
    }
  }
}
