import { describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKS, type CheckName } from '../../../../local/audit/checks';
import { maskId } from '../../../../local/audit/plain';
import { CONTROLS } from '../../../../local/audit/report/controls';
import { checklistOf } from '../../../../local/audit/report/checklist';
import { environmentTemplate } from '../../../support/environment-template';
import { type TemplateJson, add, all, set } from '../../../support/mutate';
import { DEFECTS } from '../mutations/all';
import { ownTemplateFile } from '../matrix/vault-app';
import { resultsOf } from './results';

const ENVIRONMENTS = ['dev', 'staging', 'prod'] as const;
const ROOT = join(__dirname, '..', '..', '..', '..');
const PACK = join(ROOT, 'node_modules', 'cdk-nag', 'lib', 'packs', 'aws-solutions.js');
const prod = environmentTemplate('prod');

/** Defects of choices that an owner has: the allow-list permits them, so the report leaves them to a reader. */
const CHOICES = ['the alarm on old material waits for a second rotation', 'the route is throttled at nothing'];

/** Without its machine a vault is one that does not reseal: the other parts of the reseal are then too many. */
const WITHOUT_PART = 'there is no state machine that reseals';

/** The text of a template that keeps its outputs: some mutations give only resources. */
const whole = (template: TemplateJson): TemplateJson => ({ ...prod, ...template });

describe('the controls of a report', () => {
  test('have each check of the audit', () => {
    const named = new Set(CONTROLS.flatMap(({ checks }) => checks));

    expect(Object.keys(CHECKS).filter((check) => !named.has(check as CheckName))).toEqual([]);
  });

  test('have ids of their own', () => {
    expect(new Set(CONTROLS.map(({ id }) => id)).size).toBe(CONTROLS.length);
  });

  test('name only rules that cdk-nag has', () => {
    const pack = readFileSync(PACK, 'utf8');
    const named = CONTROLS.flatMap(({ standards, exceptions = [] }) => [
      ...(standards.nag ?? []),
      ...exceptions.flatMap(({ ids }) => ids.filter((id) => id.startsWith('AwsSolutions-'))),
    ]);

    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((id) => !pack.includes(`ruleSuffixOverride: '${id.replace('AwsSolutions-', '')}'`))).toEqual(
      [],
    );
  });

  test.each(ENVIRONMENTS)('hold in %s, each with something of the template that shows it', (environment) => {
    const { controls } = resultsOf(environmentTemplate(environment));

    expect(controls.filter(({ verdict }) => verdict !== 'holds').map(({ id, verdict }) => [id, verdict])).toEqual(
      ['elsewhere-rights', 'network-firewall', 'tombstone-bucket', 'restore-machine'].map((id) => [
        id,
        'not applicable',
      ]),
    );
    expect(controls.filter(({ verdict, evidence }) => verdict === 'holds' && evidence.length === 0)).toEqual([]);
  });

  test('fail none in a vault with another construct path, account and region', () => {
    const template = JSON.parse(readFileSync(ownTemplateFile(), 'utf8')) as TemplateJson;
    const failed = resultsOf(template).controls.filter(({ verdict }) => verdict === 'fails');

    // the zones that the CDK makes up without an account are no names of zones
    expect(failed.flatMap(({ problems }) => problems.flatMap(({ at }) => at))).toEqual([]);
  });
});

describe('a template', () => {
  test.each(DEFECTS.filter(({ defect }) => ![...CHOICES, WITHOUT_PART].includes(defect)))(
    'in which $defect has a control that fails and points at it',
    ({ mutation, caughtBy }) => {
      const spoiled = whole(mutation(prod));
      const { controls, beside } = resultsOf(spoiled);
      const failed = controls.filter(({ verdict }) => verdict === 'fails');
      const wanted = new Set(Object.values(caughtBy).flat());
      const pointed = [
        ...failed.flatMap(({ problems }) => problems.flatMap(({ resource, at }) => [resource, ...at.map((place) => place.resource)])), // prettier-ignore
        // a new resource that touches nothing of the vault is listed beside it
        ...beside.filter((id) => !Object.hasOwn(prod.Resources, id)),
      ];

      expect(pointed.map(maskId).filter((id) => wanted.has(id))).not.toEqual([]);
    },
  );

  test.each(CHOICES)('in which %s has a control to review', (name) => {
    const found = DEFECTS.find(({ defect }) => defect === name);
    const { controls } = resultsOf(whole(found?.mutation(prod) ?? prod));

    expect(controls.filter(({ verdict }) => verdict === 'review')).toHaveLength(1);
  });

  test('in which there is no state machine that reseals has the rest of the reseal as differences', () => {
    const found = DEFECTS.find(({ defect }) => defect === WITHOUT_PART);
    const { findings } = resultsOf(whole(found?.mutation(prod) ?? prod));

    expect(findings.filter(({ path }) => path.startsWith('Reseal/')).length).toBeGreaterThan(10);
  });

  test('marks the statement that opens a key to everyone', () => {
    const isUnseal = (statement: unknown): boolean => JSON.stringify(statement).includes('"AllowUnseal"');
    const spoiled = set(
      'VaultKeysShareKey',
      ['Properties', 'KeyPolicy', 'Statement', isUnseal, 'Principal'],
      '*',
    )(prod);
    const control = resultsOf(spoiled).controls.find(({ id }) => id === 'key-principals');

    expect(control?.verdict).toBe('fails');
    expect(control?.evidence.filter(({ holds }) => !holds).map(({ property }) => property)).toEqual([
      'Properties.KeyPolicy.Statement[AllowUnseal]',
    ]);
  });

  test('points at the property that differs, though the same key has another defect', () => {
    const { controls } = resultsOf(
      all(
        set('VaultKeysShareKey', ['Properties', 'RotationPeriodInDays'], 365),
        set('VaultKeysShareKey', ['Properties', 'PendingWindowInDays'], 7),
      )(prod),
    );
    const control = controls.find(({ id }) => id === 'key-rotation');

    expect(control?.problems.flatMap(({ at }) => at.map(({ property }) => property))).toEqual([
      'Properties.RotationPeriodInDays',
    ]);
  });

  test('with a user that touches no vault lists the user beside the vault', () => {
    const { beside } = resultsOf(whole(add('Somebody', 'AWS::IAM::User', {})(prod)));

    expect(beside).toContain('Somebody');
  });
});

describe('the checklist', () => {
  test('names only controls and tests that exist', () => {
    const { controls } = resultsOf(prod);
    const ids = new Set(controls.map(({ id }) => id));

    expect(checklistOf(controls).flatMap((line) => line.controls.filter((id) => !ids.has(id)))).toEqual([]);
    expect(checklistOf(controls).flatMap(({ tests }) => tests.filter((file) => !existsSync(join(ROOT, file))))).toEqual(
      [],
    );
    expect(checklistOf(controls).filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
  });

  test('has the worst verdict of the controls that show a line', () => {
    const controls = resultsOf(set('VaultKeysShareKey', ['Properties', 'EnableKeyRotation'], false)(prod)).controls;
    const line = checklistOf(controls).find(({ controls: ids }) => ids.includes('key-rotation'));

    expect(line?.verdict).toBe('fails');
  });
});
