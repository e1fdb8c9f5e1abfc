import { describe, expect, test } from '@jest/globals';
import { decision } from '../../../../local/audit/matrix/cell';
import { matrixOf } from '../../../../local/audit/matrix/template-matrix';
import { exceptWithoutPermission } from '../../../../local/audit/matrix/without-permission';
import type { TemplateMatrix } from '../../../../local/audit/matrix/template-matrix';
import { ownTemplate } from '../matrix/vault-app';

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
});
