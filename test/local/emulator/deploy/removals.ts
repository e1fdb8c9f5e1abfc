import { readFileSync } from 'node:fs';

/** A statement of a template's policies, or one action or principal of it, with a function that removes it. */
export interface Removal {
  /** logical id of the resource with the statement */
  readonly policy: string;
  /** its Sid, or its position: `#1` */
  readonly statement: string;
  readonly effect: 'Allow' | 'Deny';
  /** the action, as in the statement */
  readonly action: string;
  /** the statement's resources as a text of the template, to be searched for logical ids */
  readonly on: string;
  readonly remove: (template: object) => void;
}

interface Statement {
  Sid?: string;
  Effect: 'Allow' | 'Deny';
  Action: string | string[];
  Principal?: { AWS?: unknown; Service?: unknown };
  Resource?: unknown;
}
interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
}
interface Template {
  Resources: Record<string, Resource>;
}

/** Returns a description, for patterns and for test titles. */
export function nameOf({ policy, statement, action, on }: Removal): string {
  return `${policy} ${statement} ${action} ${on}`;
}

/** Returns every permission of a template as a separate removal. */
export function removalsOf(file: string): readonly Removal[] {
  const { Resources } = JSON.parse(readFileSync(file, 'utf8')) as Template;
  return Object.entries(Resources).flatMap(([id, resource]) => [
    ...statementsOf(resource).flatMap((statement, index) => partsOf(id, statement, index)),
    ...(resource.Type === 'AWS::Lambda::Permission' ? [permissionOf(id, resource)] : []),
  ]);
}

function statementsOf({ Properties }: Resource): Statement[] {
  const inline = (Properties.Policies as { PolicyDocument: object }[] | undefined) ?? [];
  const documents = [Properties.PolicyDocument, Properties.KeyPolicy, Properties.ResourcePolicy];
  return [...documents, ...inline.map(({ PolicyDocument }) => PolicyDocument), Properties.AssumeRolePolicyDocument]
    .filter((document) => typeof document === 'object')
    .flatMap((document) => (document as { Statement: Statement[] }).Statement);
}

/** A Deny is one removal. An Allow is one for each of its actions, principals and resources. */
function partsOf(policy: string, source: Statement, index: number): readonly Removal[] {
  const { Sid, Effect, Action, Principal = {}, Resource = '*' } = source;
  const common = { policy, statement: Sid ?? `#${index + 1}`, effect: Effect, on: JSON.stringify(Resource) };
  const actions = [Action].flat();
  const all = { ...common, action: actions.join() };
  const at = (change: (statement: Statement) => void) => (template: object) => {
    const resource = (template as Template).Resources[policy];
    const statement = resource && statementsOf(resource)[index];
    if (statement !== undefined) change(statement);
  };
  if (Effect === 'Deny') return [{ ...common, action: actions[0] ?? '', remove: at(disarm) }];
  const ofActions = actions.map((action) => ({
    ...common,
    action,
    remove: at((statement) => {
      statement.Action = [...without([statement.Action].flat(), action), NOTHING];
    }),
  }));
  const ofPrincipals = (['AWS', 'Service'] as const).flatMap((kind) =>
    severalOf(Principal[kind]).map((one, _, several) => ({
      ...all,
      statement: `${common.statement} for ${JSON.stringify(one)}`,
      remove: at((statement) => {
        statement.Principal = { ...Principal, [kind]: without(several, one) };
      }),
    })),
  );
  const ofResources = severalOf(Resource).map((one, _, several) => ({
    ...all,
    on: JSON.stringify(one),
    remove: at((statement) => {
      statement.Resource = without(several, one);
    }),
  }));
  return [...ofActions, ...ofPrincipals, ...ofResources];
}

/** Returns the members of a list with more than one. A single member is removed with its statement. */
function severalOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) && value.length > 1 ? (value as readonly unknown[]) : [];
}

function without<T>(all: readonly T[], one: unknown): T[] {
  return all.filter((each) => JSON.stringify(each) !== JSON.stringify(one));
}

/** An action that is never called: a statement must have one. */
const NOTHING = 'iam:GetAccountSummary';

function disarm(statement: Statement): void {
  statement.Action = NOTHING;
}

function permissionOf(policy: string, { Properties }: Resource): Removal {
  const remove = (template: object): void => {
    Reflect.deleteProperty((template as Template).Resources, policy);
  };
  return { policy, statement: policy, effect: 'Allow', action: String(Properties.Action), on: policy, remove };
}
