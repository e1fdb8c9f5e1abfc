import type { ConditionExplain, RequestAnalysis } from '@cloud-copilot/iam-simulate';
import { type PolicyKind, type PolicyPart, type StatementPart, KINDS } from './decision';
import { listOf } from './document';
import type { Policy } from './policy';
import type { Policies } from './request';
import { unspell } from './spelling';

/** The simulator's result for the policies of one kind. */
interface Analysis {
  readonly allowStatements: readonly StatementAnalysis[];
  readonly denyStatements: readonly StatementAnalysis[];
  readonly unmatchedStatements: readonly StatementAnalysis[];
}
type StatementAnalysis = NonNullable<RequestAnalysis['identityAnalysis']>['allowStatements'][number];

/** Returns the evaluation of each policy, in the order of `KINDS`. */
export function partsOf(analysis: RequestAnalysis, policies: Policies): readonly PolicyPart[] {
  const analyses: Readonly<Record<PolicyKind, readonly [readonly Policy[], Analysis | undefined]>> = {
    'service control': [policies.serviceControl ?? [], analysis.scpAnalysis?.ouAnalysis[0]],
    endpoint: [listOf(policies.endpoint), analysis.endpointAnalysis],
    resource: [listOf(policies.resource), analysis.resourceAnalysis],
    boundary: [listOf(policies.boundary), analysis.permissionBoundaryAnalysis],
    identity: [policies.identity, analysis.identityAnalysis],
  };
  return KINDS.flatMap((kind) => {
    const [all, result] = analyses[kind];
    if (result === undefined) return [];
    const statements = [...result.denyStatements, ...result.allowStatements, ...result.unmatchedStatements];
    return all.map((policy, index) =>
      partOf(
        kind,
        policy.name,
        // a resource has only one policy, and the simulator gives it no id
        statements.filter(({ policyId }) => kind === 'resource' || policyId === String(index)),
      ),
    );
  });
}

function partOf(kind: PolicyKind, policy: string, statements: readonly StatementAnalysis[]): PolicyPart {
  const inOrder = [...statements].sort((one, other) => one.statement.index() - other.statement.index());
  const matching = inOrder.filter(({ explain }) => explain.matches);
  const allows = matching.filter(({ statement }) => statement.isAllow());
  return { kind, policy, verdict: verdictOf(matching, allows), statements: inOrder.map(statementOf) };
}

function verdictOf(
  matching: readonly StatementAnalysis[],
  allows: readonly StatementAnalysis[],
): PolicyPart['verdict'] {
  if (matching.length > allows.length) return 'denies';
  if (allows.length === 0) return 'allows nothing';
  return allows.every(({ principalMatch }) => principalMatch === 'AccountLevelMatch') ? 'trusts the account' : 'allows';
}

function statementOf(analysis: StatementAnalysis): StatementPart {
  const { statement, explain } = analysis;
  return {
    statement: statement.sid() ?? `#${statement.index()}`,
    effect: statement.isAllow() ? 'Allow' : 'Deny',
    matches: explain.matches,
    misses: [
      ...(analysis.actionMatch ? [] : ['action']),
      ...(analysis.resourceMatch ? [] : ['resource']),
      ...(analysis.principalMatch === 'NoMatch' ? ['principal'] : []),
      ...(explain.conditions ?? []).filter(({ matches }) => !matches).map(conditionOf),
    ],
  };
}

/** Returns `StringEquals kms:EncryptionContext:environment prod, got dev`. */
function conditionOf(condition: ConditionExplain): string {
  const expected = listOf(condition.values).map(({ value, resolvedValue }) => resolvedValue ?? value);
  const received = condition.resolvedConditionKeyValue ?? condition.unmatchedValues?.join(' ');
  const got = received === undefined || received === '' ? 'no matching value' : received;
  const missing = condition.failedBecauseMissing === true ? 'none' : got;
  return `${condition.operator} ${unspell(condition.conditionKeyValue)} ${expected.join(' ')}, got ${missing}`;
}
