import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readAwsLine } from '../e2e/incidents/aws-line';
import { INDEX, RUNBOOKS, stepsOf, textOf } from '../e2e/incidents/blocks';
import { environmentTemplate } from '../support/environment-template';
import { TOMBSTONE_TEMPLATE } from '../e2e/tombstone-stack';
import { templateOf } from '../e2e/retire-stack';
import { synthesized } from '../support/synthesized';
import { awsLinesOf } from './documents/aws-lines';
import { commandsOf, unknownIn } from './documents/commands';

interface Resource {
  readonly Type: string;
  readonly Properties?: object;
}

const HEADINGS = ['What tells you', 'First 15 minutes', 'Then', 'Evidence to keep', 'How you know that it is over'];

/** The blocks that no test runs, by their first lines, each with the reason that its page gives. */
const NOT_RUN: Readonly<Record<string, string>> = {
  'aws kms get-key-policy --key-id SHARE_KEY --policy-name default --query Policy --output text > policy.json':
    'the local KMS has no operation that returns a policy, and no grants',
  'aws rds modify-db-cluster --db-cluster-identifier CLUSTER --rotate-master-user-password --apply-immediately':
    "the master's password is rotated by RDS",
  'aws rds restore-db-cluster-to-point-in-time --source-db-cluster-identifier CLUSTER \\':
    'a cluster is restored by RDS',
  "properties='DBClusters[0].[Port,DBSubnetGroup,VpcSecurityGroups[].VpcSecurityGroupId,DBClusterParameterGroup,":
    "both clusters are RDS's",
  'aws rds modify-db-cluster --db-cluster-identifier CLUSTER --new-db-cluster-identifier CLUSTER-former \\':
    'a cluster is renamed by RDS',
  'aws rds describe-db-clusters --db-cluster-identifier CLUSTER \\': "the time is Aurora's",
  'git checkout FORMER_RELEASE': 'it needs a former release of your app',
};
const steps = RUNBOOKS.flatMap((runbook) => stepsOf(textOf(runbook)).map((step) => ({ runbook, ...step })));

/** Returns the resources of a vault with a bucket of tombstones. */
function withTombstones(): readonly Resource[] {
  const file = join(synthesized(join(__dirname, '../e2e/tombstone-stack.ts')), TOMBSTONE_TEMPLATE);
  const { Resources } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly Resources: Readonly<Record<string, Resource>>;
  };
  return Object.values(Resources);
}

/** Returns the resources of a vault with a share key that only opens. */
function withRetiringKey(): readonly Resource[] {
  const file = templateOf(synthesized(join(__dirname, '../e2e/retire-stack.ts')), 'opens');
  const { Resources } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly Resources: Readonly<Record<string, Resource>>;
  };
  return Object.values(Resources);
}

/** The names of the alarms and of the rules of a vault, without their prefix. */
const watches = new Set(
  [...Object.values(environmentTemplate('prod').Resources), ...withTombstones(), ...withRetiringKey()].flatMap(
    ({ Type, Properties = {} }) => {
      const { Name, AlarmName } = Properties as Readonly<Record<string, unknown>>;
      const name = Type === 'AWS::Events::Rule' ? Name : AlarmName;
      return typeof name === 'string' ? [name.replace(/^share-vault-(prod|local)-/, '')] : [];
    },
  ),
);

describe('the runbooks', () => {
  test('are those that the index links to', () => {
    const linked = [...readFileSync(INDEX, 'utf8').matchAll(/\]\(incidents\/([a-z-]+)\.md\)/g)].map(([, name]) => name);

    expect([...new Set(linked)].sort()).toEqual(RUNBOOKS);
  });

  test('are all run by test/e2e/incidents.test.ts', () => {
    const suite = readFileSync(join(__dirname, '../e2e/incidents.test.ts'), 'utf8');
    const run = [...suite.matchAll(/^runRunbook\(world, '([a-z-]+)'/gm)].map(([, name]) => name);

    expect(run.sort()).toEqual(RUNBOOKS);
  });

  test.each(RUNBOOKS)('of %s have the five sections in their order', (runbook) => {
    const headings = [...textOf(runbook).matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);

    expect(headings).toEqual(HEADINGS);
  });

  test('of the drill of a restore act on staging only', () => {
    const blocks = stepsOf(textOf('restore-drill')).map(({ text }) => text);

    expect(blocks[0]).toMatch(/^export SHARE_VAULT_ENVIRONMENT=staging$/m);
    expect(blocks.join('')).not.toMatch(/prod/);
  });

  test('name only alarms and rules that a vault has', () => {
    const pages = [readFileSync(INDEX, 'utf8'), ...RUNBOOKS.map(textOf)].join('\n');
    const named = [...pages.matchAll(/`((?:[a-z]+-[A-Z][A-Za-z]+)|(?:[A-Z][a-z]+(?:Changes|Grants)))`/g)];

    expect(named.length).toBeGreaterThan(40);
    expect([...new Set(named.map(([, name = '']) => name))].filter((name) => !watches.has(name))).toEqual([]);
  });
});

describe('the blocks that no test runs', () => {
  const found = steps.filter(({ notRun }) => notRun !== undefined);

  test('are the listed ones, and their pages give the reason', () => {
    expect(Object.fromEntries(found.map(({ name, notRun }) => [name, notRun]))).toEqual(NOT_RUN);
  });

  test.each(found.map(({ name, text }) => [name, text]))(
    'name operations, members and commands that exist: %s',
    async (_name, text) => {
      const commands = commandsOf(text.replace(/ > [^\s;]+/g, ''));

      expect(() => awsLinesOf(text)).not.toThrow();
      expect((await Promise.all(commands.map(unknownIn))).flat()).toEqual([]);
    },
  );
});

describe('a line of the aws command line', () => {
  test.each([
    ['an operation that does not exist', 'kms disable-keys --key-id k', 'aws kms: no operation disable-keys'],
    ['a member that does not exist', 'kms disable-key --key k', 'expected a member of the API, got --key'],
    ['another service', 'ec2 describe-instances', 'expected a service of the runbooks, got ec2'],
    ['an unknown operation of IAM', 'iam put-roles-policy', 'aws iam: no operation put-roles-policy'],
    ['a waiter that does not exist', 'rds wait db-cluster-there', 'aws rds wait: no waiter db-cluster-there'],
    [
      'a member that its waiter does not have',
      'rds wait db-cluster-available --name a',
      'expected a member of the API',
    ],
    ['a member of another type', 'rds modify-db-cluster --scaling-configuration Min=1', 'expected a member, got Min'],
    ['a member of no structure', 'rds describe-db-instances --filters Nam=a,Values=b', 'expected a member, got Nam'],
  ])('with %s is refused', (_what, line, message) => {
    expect(() => readAwsLine(line.split(' '), '.')).toThrow(message);
  });

  test('is read into the input of the API', () => {
    const line = 'kms schedule-key-deletion --key-id k --pending-window-in-days 7 --query KeyState --output text';

    expect(readAwsLine(line.split(' '), '.')).toEqual({
      service: 'kms',
      operation: 'ScheduleKeyDeletion',
      input: { KeyId: 'k', PendingWindowInDays: 7 },
      query: 'KeyState',
      output: 'text',
    });
  });
});
