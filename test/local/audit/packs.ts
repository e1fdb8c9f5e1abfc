import type { Stack } from 'aws-cdk-lib';
import * as nag from 'cdk-nag';

export const PACKS = [
  nag.AwsSolutionsChecks,
  nag.HIPAASecurityChecks,
  nag.NIST80053R4Checks,
  nag.NIST80053R5Checks,
  nag.PCIDSS321Checks,
  nag.ServerlessChecks,
];

/** The findings of the rule packs in a stack that was synthesized: `ID at PATH`, the path below the stack, sorted. */
export function packFindings(stack: Stack): readonly string[] {
  return PACKS.flatMap((Pack) => new Pack().validateScope(stack).violations)
    .flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath = '' }) => `${ruleName} at ${below(stack, constructPath)}`),
    )
    .sort();
}

function below(stack: Stack, path: string): string {
  return path.startsWith(`${stack.node.path}/`) ? path.slice(stack.node.path.length + 1) : path;
}
