import { describe, expect, test } from '@jest/globals';
import {
  dependenciesHaveNoCycle,
  changesBetween,
  type Finding,
  HARMLESS_USES,
  guardsComeFirst,
  guardsRunOnRollbackOnly,
  recordsStayReadable,
  refusals,
  resourcesOf,
  retainedNamesAreOfOneStack,
  retainedUsesAreRetained,
  rollbacksCanDelete,
  type TemplateJson,
  textsChangeWith,
  versionsMatchFunctions,
} from '../../../../local/audit/lifecycle';
import { environmentTemplate } from '../../../support/environment-template';
import { maskId } from '../../../../local/audit/plain';
import { ENVIRONMENTS } from '../../../../tools/lifecycle/steps';
import { steps } from './case-templates';

/** Updates that CloudFormation carries out. */
const accepted = steps().flatMap(({ after, ...step }) =>
  'template' in after && refusals(step.before, after.template).length === 0 ? [{ ...step, after: after.template }] : [],
);

type Accepted = (typeof accepted)[number];

/** Values of the cluster that another database behind the same name has: its own id, secret and addresses. */
const EXCHANGED = [
  'DBClusterResourceId',
  'MasterUserSecret.SecretArn',
  'Endpoint.Address',
  'Endpoint.Port',
  'ReadEndpoint.Address',
];

function clusterOf(template: TemplateJson): string {
  const ids = [...resourcesOf(template).values()]
    .filter(({ type }) => type === 'AWS::RDS::DBCluster')
    .map(({ id }) => id);
  if (ids[0] === undefined || ids.length > 1) throw new Error(`expected one cluster, got ${ids.length}`);
  return ids[0];
}

const named = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ rule, resource, problem }) => `${rule} ${maskId(resource)}: ${problem}`);
const eachStep = (find: (step: Accepted) => readonly Finding[]): readonly string[] =>
  accepted.flatMap((step) =>
    named(find(step)).map((each) => `${step.environment}, ${step.prop}, ${step.change}: ${each}`),
  );

describe.each(ENVIRONMENTS)('the template of %s', (environment) => {
  const template = environmentTemplate(environment);

  test('retains nothing under a name that the next stack takes', () => {
    expect(named(retainedNamesAreOfOneStack(template))).toEqual([]);
  });

  test('retains what the retained resources use', () => {
    expect(named(retainedUsesAreRetained(template))).toEqual([]);
  });

  test('can be deleted by the rollback of a failed first deploy', () => {
    expect(named(rollbacksCanDelete(template))).toEqual([]);
  });

  test('creates nothing that can fail between the database and the guard of its protection', () => {
    expect(named(guardsComeFirst(template))).toEqual([]);
  });

  test('lifts the deletion protection on such a rollback only', () => {
    expect(named(guardsRunOnRollbackOnly(template))).toEqual([]);
  });
});

test('every use that is reviewed as harmless occurs in a vault', () => {
  const unused = HARMLESS_USES.filter((use) => {
    const others = HARMLESS_USES.filter((other) => other !== use);
    return ENVIRONMENTS.every(
      (environment) => retainedUsesAreRetained(environmentTemplate(environment), others).length === 0,
    );
  });

  expect(unused).toEqual([]);
});

test('the choice of any prop creates nothing of the vault between the database and its guard', () => {
  const chosen = accepted.flatMap(({ prop, after }) => {
    // an owner's own topic or key is no part of the vault
    const found = guardsComeFirst(after).filter(({ resource }) => resource.startsWith('Vault'));
    return named(found).map((each) => `${prop}: ${each}`);
  });

  expect([...new Set(chosen)]).toEqual([]);
});

test('no choice of any prop makes a resource wait for itself', () => {
  const chosen = steps().flatMap(({ prop, before, after }) =>
    [before, ...('template' in after ? [after.template] : [])].flatMap((template) =>
      named(dependenciesHaveNoCycle(template)).map((each) => `${prop}: ${each}`),
    ),
  );

  expect([...new Set(chosen)]).toEqual([]);
});

describe('the change of any prop', () => {
  test('publishes a version of a function exactly if the function changes', () => {
    expect(eachStep(({ before, after }) => versionsMatchFunctions(before, after))).toEqual([]);
  });

  test('leaves records readable, but for another share key, which the migration refuses, and a lost body store', () => {
    const lost = accepted.filter(({ before, after }) => recordsStayReadable(before, after).length > 0);

    expect([...new Set(lost.map(({ prop }) => prop))]).toEqual(['shareKey', 'retiringShareKeys', 'bodyStore']);
  });

  test('leaves records readable and every key in KMS, in each step of a replacement of the share key and back', () => {
    const replacing = accepted.filter(
      ({ prop, change }) => prop === 'retiringShareKeys' && !change.includes('together'),
    );
    const keys = ({ before, after }: (typeof replacing)[number]) =>
      changesBetween(before, after).filter(({ type, action }) => type === 'AWS::KMS::Key' && action === 'replaced');

    expect(replacing).toHaveLength(6 * ENVIRONMENTS.length);
    expect(replacing.flatMap(({ before, after }) => recordsStayReadable(before, after))).toEqual([]);
    expect(replacing.flatMap(keys)).toEqual([]);
  });
});

describe('a changed restoreToken', () => {
  test('changes every text that holds a value of the database', () => {
    const restored = accepted.filter(({ prop }) => prop === 'restoreToken');
    const stale = restored.flatMap(({ before, after }) =>
      named(textsChangeWith(before, after, { id: clusterOf(after), attributes: EXCHANGED })),
    );

    expect(restored).toHaveLength(4 * ENVIRONMENTS.length);
    expect(stale).toEqual([]);
  });
});
