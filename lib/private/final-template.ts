import { CfnResource, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import type { Construct, IConstruct } from 'constructs';
import { ALWAYS, RETAINED, type Rule } from './final-rules';
import { changeOfPolicy } from './own-key';
import { isDeletable } from './removal';

/** A resource in the final template. */
export interface Rendered {
  readonly DeletionPolicy?: unknown;
  readonly UpdateReplacePolicy?: unknown;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** Constructs with checked resources. */
const guarded = new WeakSet<IConstruct>();
const KEPT: Readonly<Record<'DeletionPolicy' | 'UpdateReplacePolicy', readonly unknown[]>> = {
  DeletionPolicy: ['Retain', 'RetainExceptOnCreate'],
  UpdateReplacePolicy: ['Retain'],
};

/**
 * Checks the resources under a construct in the final template: after aspects and escape hatches. Only the props may
 * choose that the data is deleted with its stack.
 */
export function guardTemplate(scope: Construct, removalPolicy: RemovalPolicy | undefined): void {
  if (scope.node.scopes.some((ancestor) => guarded.has(ancestor))) return;
  guarded.add(scope);
  const retained = removalPolicy !== RemovalPolicy.DESTROY;
  scope.node.addValidation({ validate: () => scope.node.findAll().flatMap((child) => problems(child, retained)) });
}

function problems(construct: IConstruct, retained: boolean): string[] {
  if (!CfnResource.isCfnResource(construct)) return [];
  const kept = isDeletable(construct) ? undefined : RETAINED[construct.cfnResourceType];
  const rules = [...(ALWAYS[construct.cfnResourceType] ?? []), ...(retained ? (kept ?? []) : [])];
  if (rules.length === 0 && !kept) return [];
  const resource = render(construct);
  const found = [
    ...(retained && kept ? unkept(resource) : []),
    ...rules.flatMap((rule) => broken(rule, resource)),
    ...foreign(construct, resource),
  ];
  return found.map((problem) => `${construct.node.path}: ${problem}`);
}

function unkept(resource: Rendered): string[] {
  return Object.entries(KEPT).flatMap(([name, accepted]) => {
    const value = resource[name as keyof typeof KEPT];
    if (accepted.includes(value)) return [];
    return [
      `expected a ${name} of ${accepted.join(' or ')}, got ${text(value)}: exclude the vault from the aspect or ` +
        'override that changed it, or give the vault a removalPolicy of DESTROY (prod does not allow it)',
    ];
  });
}

function broken({ property, accepts, expected }: Rule, { Properties = {} }: Rendered): string[] {
  const value = Properties[property];
  return accepts(value, Properties)
    ? []
    : [`expected ${property} ${expected}, got ${text(value)}: undo the aspect or override that changed it`];
}

/**
 * Compares a key's policy with the one that the construct and the grants on its key wrote: only that policy decides on
 * the key's users.
 */
function foreign(construct: CfnResource, { Properties = {} }: Rendered): string[] {
  const change = changeOfPolicy(construct, Properties.KeyPolicy);
  return change === undefined
    ? []
    : [`expected KeyPolicy as the key's construct has it, got ${change}: undo the aspect or override that changed it`];
}

/** Returns a resource as the CDK writes it into the template: only there are overrides merged. */
export function render(resource: CfnResource): Rendered {
  const template = Stack.of(resource).resolve(resource._toCloudFormation()) as {
    readonly Resources: Readonly<Record<string, Rendered>>;
  };
  return Object.values(template.Resources)[0] ?? {};
}

function text(value: unknown): string {
  return value === undefined ? 'none' : Token.isUnresolved(value) ? 'a token' : JSON.stringify(value);
}
