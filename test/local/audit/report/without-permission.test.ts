import { describe, expect, test } from '@jest/globals';
import { type Request, decision } from '../../../../local/audit/matrix/cell';
import { type Principal, session } from '../../../../local/audit/matrix/principals';
import { type TemplateMatrix, matrixOf } from '../../../../local/audit/matrix/template-matrix';
import { exceptWithoutPermission } from '../../../../local/audit/matrix/without-permission';
import { Policy } from '../../../../local/emulator/authorization';
import { ownTemplate } from '../matrix/vault-app';

const ARN = 'arn:aws:iam::111111111111:role/Caller';
const FUNCTION = 'arn:aws:lambda:eu-central-1:111111111111:function:f';

const policy = (statement: object): Policy =>
  Policy.read('P', { Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });
const caller = (...policies: readonly Policy[]): Principal => ({ ...session('caller', ARN), policies });
const invoke: Request = { name: 'invoke', action: 'lambda:InvokeFunction', resource: FUNCTION };
const named = (principal: unknown): Request => ({
  ...invoke,
  resourcePolicy: policy({ Principal: principal, Action: 'lambda:*', Resource: FUNCTION }),
});

/** Returns whether a request is evaluated. */
async function evaluates(request: Request, principal: Principal): Promise<boolean> {
  let evaluated = false;
  await exceptWithoutPermission((...given) => {
    evaluated = true;
    return decision(...given);
  })(request, principal);
  return evaluated;
}

/** What a report takes of each decision. */
const outcomes = ({ cells }: TemplateMatrix) =>
  cells.map(({ principal, request, decision: { allowed, by } }) => [principal.name, request.name, allowed, by]);

describe('a matrix that leaves out requests without a permission', () => {
  test('has the decisions of one that evaluates each request, and evaluates fewer', async () => {
    const template = ownTemplate();
    let evaluated = 0;
    const decide = exceptWithoutPermission((request, principal) => {
      evaluated += 1;
      return decision(request, principal);
    });
    const quick = await matrixOf(template, 'blue', decide);

    expect(outcomes(quick)).toEqual(outcomes(await matrixOf(template, 'blue')));
    expect(evaluated).toBeLessThan(quick.cells.length * 0.7);
  });

  test.each([
    ['an allowed action of its own', invoke, caller(policy({ Action: 'lambda:Invoke*', Resource: '*' }))],
    ['a denied action of its own', invoke, caller(policy({ Effect: 'Deny', Action: 'LAMBDA:*', Resource: '*' }))],
    ['all actions but some', invoke, caller(policy({ NotAction: 's3:*', Resource: '*' }))],
    ['a resource that names it', named({ AWS: ARN }), caller()],
    ['a resource that names everyone', named('*'), caller()],
    ['a resource that names every role', named({ AWS: '*' }), caller()],
    ['a resource that names it and another', named({ AWS: ['arn:aws:iam::111111111111:role/Other', ARN] }), caller()],
  ])('evaluates a request of a principal with %s', async (_case, request, principal) => {
    expect(await evaluates(request, principal)).toBe(true);
  });

  test.each([
    ['no policy', invoke, caller()],
    ['another action', invoke, caller(policy({ Action: 's3:*', Resource: '*' }))],
    ['a resource that names another role', named({ AWS: 'arn:aws:iam::111111111111:role/Other' }), caller()],
    ['a resource that leaves it to the account', named({ AWS: 'arn:aws:iam::111111111111:root' }), caller()],
    ['a resource that names a service', named({ Service: 'events.amazonaws.com' }), caller()],
  ])('refuses, as an evaluation does, a request of a principal with %s', async (_case, request, principal) => {
    expect(await evaluates(request, principal)).toBe(false);
    expect((await decision(request, principal)).allowed).toBe(false);
  });
});
