import { reasonOf } from '../../emulator/authorization';
import type { Cell, TemplateMatrix } from './template-matrix';

/** The columns of the CSV. */
export const CSV_COLUMNS = [
  'environment',
  'principal',
  'arn',
  'request',
  'action',
  'resource',
  'result',
  'why',
] as const;

/** Returns the cells as rows for a CSV. @param all - also those that are denied */
export function csvRows({ environment, cells }: TemplateMatrix, all: boolean): readonly (readonly string[])[] {
  return shownCells(cells, all).map(({ principal, request, decision }) => [
    environment,
    principal.name,
    principal.roleArn,
    request.name,
    request.action,
    request.resource,
    resultOf(decision.allowed),
    reasonOf(decision),
  ]);
}

/** Returns a matrix as it is printed as JSON: see docs/policy-matrix.md. @param all - also the cells that are denied */
export function recordOf({ environment, vault, principals, requests, cells }: TemplateMatrix, all: boolean): object {
  const { account, region } = vault.place;
  return {
    environment,
    account,
    region,
    principals: principals.map(({ name, roleArn: arn, logicalId, unknown: unknownPolicies }) => {
      return { name, arn, ...(logicalId !== undefined && { logicalId }), unknownPolicies };
    }),
    requests: requests.map(({ name, action, resource }) => ({ name, action, resource })),
    decisions: shownCells(cells, all).map(({ principal, request, decision }) => {
      const { allowed, by } = decision;
      return {
        principal: principal.name,
        request: request.name,
        result: resultOf(allowed),
        why: reasonOf(decision),
        by,
      };
    }),
  };
}

function shownCells(cells: readonly Cell[], all: boolean): readonly Cell[] {
  return all ? cells : cells.filter(({ decision }) => decision.allowed);
}

function resultOf(allowed: boolean): 'allowed' | 'denied' {
  return allowed ? 'allowed' : 'denied';
}
