import type { PolicyDocument, PolicyStatement, Template, StackTemplate } from '../../../../local/emulator/template';

/** Counts the statements of IAM resources in a template's file. */
export function writtenStatements({ Resources }: Template): number {
  return Object.values(Resources)
    .filter(({ Type }) => Type.startsWith('AWS::IAM::'))
    .reduce((sum, { Properties }) => sum + countStatements(Properties), 0);
}

function countStatements(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value)
    .map(([name, member]) => (name === 'Statement' ? [member].flat().length : countStatements(member)))
    .reduce((sum, count) => sum + count, 0);
}

/** Returns the statements of IAM resources that the readers return, each once. */
export function readStatements(vault: StackTemplate): readonly PolicyStatement[] {
  const own = vault
    .roles()
    .flatMap(({ logicalId, trust, policies }) => [
      trust,
      ...policies.filter((policy) => policy.logicalId === logicalId).map(({ document }) => document),
    ]);
  return [...own, ...vault.policies().map(({ document }) => document)].flatMap(({ Statement }) => Statement);
}

/** Returns the policies of every kind that the readers return. */
export function everyPolicy(vault: StackTemplate): readonly PolicyDocument[] {
  return [
    ...vault.roles().flatMap(({ trust, policies }) => [trust, ...policies.map(({ document }) => document)]),
    ...vault.policies().map(({ document }) => document),
    ...vault.keys().map(({ policy }) => policy),
    ...vault.endpoints().flatMap(({ policy }) => policy ?? []),
    ...vault.secrets().flatMap(({ policy }) => policy ?? []),
    ...vault.functionPolicies().values(),
  ];
}

/** Returns the traces of unresolved references in policies. */
export function leftovers(policies: readonly PolicyDocument[]): readonly string[] {
  const text = JSON.stringify(policies);
  return text.match(/"(?:Ref|Fn::[A-Za-z]+)":|\$\{|\{\{resolve|undefined|\[object/g) ?? [];
}
