import { beforeAll, describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { readAuditedStacks, type Report, REPORT } from '../../../../local/audit/report';
import { environmentFile } from '../../../support/environment-template';
import { reportOf } from './made';

describe('the report of a vault', () => {
  let report: Report;

  beforeAll(async () => {
    report = await reportOf('prod');
  });

  const vault = (): Report['vaults'][number] => {
    const [first] = report.vaults;
    if (first === undefined) throw new Error('expected a vault, got none');
    return first;
  };

  test('has the published format, and holds', () => {
    expect(v.is(REPORT, report)).toBe(true);
    expect([report.verdict, report.findings]).toEqual(['holds', []]);
  });

  test('names a statement, with its text, for each allowed request and each edge', () => {
    const { access, reach } = vault();
    const texts = new Map(access.statements.map(({ id, text }) => [id, text]));
    const allowed = access.decisions.filter(({ result }) => result === 'allowed');

    expect(allowed.length).toBeGreaterThan(200);
    expect([...allowed, ...reach.edges].filter(({ by }) => by.length === 0 || by.some((id) => !texts.get(id)))).toEqual(
      [],
    );
  });

  test('draws one function that opens records for callers, one that reseals, and no caller at a key', () => {
    const { edges } = vault().reach;
    const opening = edges.filter(({ to, action }) => to === 'share key' && action === 'kms:Decrypt');

    expect(opening.map(({ from }) => from)).toEqual(['function unseal', 'function reseal']);
    expect(edges.filter(({ to, from }) => to.endsWith(' key') && !from.startsWith('function '))).toEqual([]);
  });

  test('lists the ways of an administrator, the shortest to material first, each that has an alarm with it', () => {
    const { ways } = vault().reach;
    const silent = ways.filter(({ reaches, alarms }) => reaches === 'material' && alarms.length === 0);

    expect(ways[0]?.request).toMatch(/^lambda:InvokeFunction unseal:/);
    // SECURITY.md has the same ways without an alarm
    expect([...new Set(silent.map(({ request }) => request.split(' ')[0]))]).toEqual(['iam:PassRole']);
    expect(ways.find(({ request }) => request.startsWith('kms:PutKeyPolicy'))?.alarms).toEqual(['share-vault-prod-KeyChanges']); // prettier-ignore
  });

  test('has what the service control policies leave of a permission', () => {
    const put = vault().access.decisions.find(
      ({ principal, request }) => principal === 'administrator' && request.startsWith('kms:PutKeyPolicy share key'),
    );

    expect(put).toMatchObject({ result: 'allowed', deniedByControl: [expect.stringMatching(/^S\d+$/)] });
  });

  test('has no change against itself, and a gained permission against one without it', async () => {
    const [first, ...others] = vault().access.decisions.filter(({ result }) => result === 'allowed');
    const former = { ...report, vaults: [{ ...vault(), access: { ...vault().access, decisions: others } }] };
    const same = await reportOf('prod', { against: report });
    const changed = await reportOf('prod', { against: former });

    expect(same.changes).toEqual({ gained: [], lost: [], verdicts: [], newFindings: [], goneFindings: [] });
    expect(changed.changes?.gained).toEqual([
      { environment: 'prod', principal: first?.principal, request: first?.request },
    ]);
  });

  test('says what a deploy over a former template replaces and orphans', async () => {
    const [stack] = readAuditedStacks({ template: environmentFile('prod') }).stacks;
    if (stack === undefined) throw new Error('expected a stack, got none');
    const [key = ''] = Object.keys(stack.template.Resources).filter((id) => id.startsWith('VaultKeysShareKey'));
    const { [key]: share, ...rest } = stack.template.Resources;
    const former = { ...stack, template: { Resources: { ...rest, Former: share ?? {} } } };
    const { lifecycle } = await reportOf('prod', { former: new Map([[stack.name, former]]) });

    const orphaned = lifecycle[0]?.over?.effects.find(({ effect }) => effect === 'orphaned');

    expect(orphaned?.resources).toContain('Former');
  });
});
