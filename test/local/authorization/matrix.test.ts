import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  type AuthorizationRequest,
  type Decision,
  Policy,
  createAuthorizer,
  decide,
} from '../../../local/authorization';
import { type Ask, question, verdict } from '../../policies/cell';
import { asksOf } from '../../policies/matrix';
import { functionRoles, people, type Principal } from '../../policies/principals';
import { matrixVault } from '../../policies/vault-app';
import type { PolicyDocument } from '../../support/iam/document';
import type { Question } from '../../support/iam/simulate';

const vault = matrixVault('prod');
const asks = asksOf(vault);
const everyone = [...functionRoles(vault), ...people(vault)];
const cells = everyone.flatMap((principal) => asks.map((asked) => ({ principal, asked })));
/** The cells of those that call all the time, whose decisions are worth remembering. */
const busy = functionRoles(vault).length * asks.length;

const policies = new Map<PolicyDocument, Policy>();

function read(document: PolicyDocument): Policy {
  const known = policies.get(document) ?? Policy.read('policy', document);
  policies.set(document, known);
  return known;
}

/** A cell of the matrix in this folder's terms. */
function cell(
  asked: Ask,
  { identity, account, ...principal }: Principal,
): [AuthorizationRequest, Parameters<typeof decide>[1]] {
  const asking: Question = question(asked, { identity, account, ...principal });
  const { action, resource, context } = asking;
  return [
    { principal: { arn: principal.arn, roleArn: identity, account }, action, resource, context },
    {
      identity: asking.identityPolicies.map(read),
      resource: asking.resourcePolicy && read(asking.resourcePolicy),
      resourceAccount: asking.owner,
      endpoint: asking.endpointPolicy && read(asking.endpointPolicy),
    },
  ];
}

describe("the vault's own policies", () => {
  let expected: readonly string[];
  let decisions: readonly Decision[];

  beforeAll(async () => {
    expected = await Promise.all(cells.map(({ asked, principal }) => verdict(asked, principal)));
    decisions = await Promise.all(cells.map(({ asked, principal }) => decide(...cell(asked, principal))));
  });

  test('are decided as the matrix decides them, in every cell', () => {
    const named = cells.map(({ asked, principal }) => `${principal.name}: ${asked.name}`);

    expect(decisions.map(({ allowed }, index) => [named[index], allowed ? 'allow' : 'deny'])).toEqual(
      named.map((name, index) => [name, expected[index]]),
    );
    expect(cells.length).toBeGreaterThan(1_500);
    expect(new Set(expected).size).toBe(2);
  });

  test('are decided for a reason that can be named', () => {
    expect(decisions.filter(({ allowed, by }) => allowed && by.length === 0)).toEqual([]);
    expect(decisions.filter(({ allowed, kind }) => !allowed && kind === undefined)).toEqual([]);
  });

  test('are decided the same by what is remembered, down to the reasons', async () => {
    const authorizer = createAuthorizer(busy);
    const asked = cells.slice(0, busy);

    const twice = [...asked, ...asked].map((one) => authorizer.decide(...cell(one.asked, one.principal)));

    expect(await Promise.all(twice)).toEqual([...decisions.slice(0, busy), ...decisions.slice(0, busy)]);
  });
});
