import { type Resource, type VaultTemplate, at, list, members, ofType } from './template';

/** A policy statement with every member that may be one or many made a list. */
export interface Statement {
  readonly sid: string | undefined;
  readonly effect: string;
  readonly actions: readonly string[];
  /** `AWS:…`, `Service:…`, or `*`. */
  readonly principals: readonly string[];
  readonly resources: readonly string[];
  readonly notResources: readonly string[];
  /** Operator, then key, then value. */
  readonly conditions: unknown;
}

export const ROOT = 'AWS:arn:${AWS::Partition}:iam::${AWS::AccountId}:root';

export function statements(document: unknown): readonly Statement[] {
  return list(at(document, 'Statement')).map((statement) => ({
    sid: text(at(statement, 'Sid')),
    effect: String(at(statement, 'Effect')),
    actions: texts(at(statement, 'Action')),
    principals: principals(at(statement, 'Principal')),
    resources: texts(at(statement, 'Resource')),
    notResources: texts(at(statement, 'NotResource')),
    conditions: at(statement, 'Condition'),
  }));
}

export function allows(document: unknown): readonly Statement[] {
  return statements(document).filter(({ effect }) => effect === 'Allow');
}

export function denies(document: unknown): readonly Statement[] {
  return statements(document).filter(({ effect }) => effect === 'Deny');
}

/** Returns all policies of a role: the template's managed ones that name it, and its own. */
export function policiesOf(template: VaultTemplate, role: Resource): readonly unknown[] {
  const attached = ['AWS::IAM::ManagedPolicy', 'AWS::IAM::Policy'].flatMap((type) =>
    ofType(template, type).filter(({ properties }) => list(at(properties, 'Roles')).includes(`\${${role.id}}`)),
  );
  const inline = list(at(role.properties, 'Policies'));
  return [...attached.map(({ properties }) => properties), ...inline].map((each) => at(each, 'PolicyDocument'));
}

/** Returns operators and keys, as `Operator key`. */
export function conditionNames(statement: Statement): readonly string[] {
  return members(statement.conditions).flatMap(([operator, keys]) =>
    members(keys).map(([key]) => `${operator} ${key}`),
  );
}

export function isDataOperation(action: string): boolean {
  return /^kms:(\*|.*(Decrypt|Encrypt|DataKey|Mac|Sign|Secret|CreateGrant|ReplicateKey).*)$/.test(action);
}

function principals(principal: unknown): readonly string[] {
  if (typeof principal === 'string') return [principal];
  return members(principal).flatMap(([kind, who]) =>
    texts(who).map((name) => (name === '*' ? '*' : `${kind}:${name}`)),
  );
}

function texts(value: unknown): readonly string[] {
  return list(value).map((each) => (typeof each === 'string' ? each : JSON.stringify(each)));
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
