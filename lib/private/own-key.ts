import { Duration, Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct, IConstruct } from 'constructs';
import { baseKeyPolicy, DELETION_WINDOW_DAYS } from './key-policy';

export interface OwnKeyProps extends Omit<kms.KeyProps, 'policy' | 'pendingWindow'> {
  /** Actions that the account may take on the key in addition to the administration of every key. */
  readonly furtherAdministration: readonly string[];
}

/** Policy documents of the library's keys, by the construct that owns the key: another resource may replace the key. */
const documents = new WeakMap<IConstruct, iam.PolicyDocument>();

/** Creates the key of a construct, and stores the policy document that the construct's grants are added to. */
export function createKey(scope: Construct, { furtherAdministration, ...props }: OwnKeyProps): kms.Key {
  const policy = baseKeyPolicy(scope, furtherAdministration);
  documents.set(scope, policy);
  return new kms.Key(scope, 'Key', { ...props, policy, pendingWindow: Duration.days(DELETION_WINDOW_DAYS) });
}

/** Returns the difference between a key's final policy and its construct's document; undefined if they are equal. */
export function changeOfPolicy(resource: IConstruct, final: unknown): string | undefined {
  const document = resource.node.scopes.map((scope) => documents.get(scope)).find((each) => each !== undefined);
  if (document === undefined) return undefined;
  const own: unknown = Stack.of(resource).resolve(document);
  const text = JSON.stringify(final ?? null);
  if (text === JSON.stringify(own)) return undefined;
  const [now, before] = [statementsOf(final), statementsOf(own)];
  const added = now.filter((each) => !before.includes(each));
  const removed = before.filter((each) => !now.includes(each));
  return [...added, ...removed.map((each) => `none of ${each}`)][0] ?? text;
}

function statementsOf(policy: unknown): readonly string[] {
  const statements = (policy as { readonly Statement?: unknown } | undefined)?.Statement;
  return Array.isArray(statements) ? statements.map((each) => JSON.stringify(each)) : [];
}
