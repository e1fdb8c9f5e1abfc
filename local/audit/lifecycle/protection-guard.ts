import { referencesIn } from './references';
import type { Resource } from './template';

/** A call of the CDK's `AwsCustomResource`, which keeps it as JSON: a text, or a join of texts and references. */
interface SdkCall {
  readonly text: string;
  readonly references: readonly string[];
}

/** The call that lifts the protection, as it must appear in the text. */
const LIFTS = [/"service":"(@aws-sdk\/client-)?rds"/i, /"action":"modifyDBCluster"/i, /"DeletionProtection":false/i];

/**
 * Tells whether a resource lifts the deletion protection of a cluster when a first deploy is rolled back, and at no
 * other time: RetainExceptOnCreate, a `Delete` that calls ModifyDBCluster, created after the cluster so that it goes first.
 */
export function isGuardOf(resource: Resource, clusterId: string): boolean {
  if (resource.onDelete !== 'retained unless it was just created' || !liftsProtection(resource)) return false;
  return callOf(resource.properties.Delete).references.includes(clusterId);
}

/** Tells whether the `Delete` of a custom resource lifts a cluster's deletion protection. */
export function liftsProtection({ type, properties }: Resource): boolean {
  const { text } = callOf(properties.Delete);
  return type === 'Custom::AWS' && LIFTS.every((pattern) => pattern.test(text));
}

/** Returns the call with each reference written as `${Id}`. */
export function callOf(value: unknown): SdkCall {
  return { text: literal(value), references: referencesIn(value).map(({ id }) => id) };
}

function literal(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(literal).join('');
  if (typeof value !== 'object' || value === null) return '';
  const members = value as Record<string, unknown>;
  const join = members['Fn::Join'];
  if (Array.isArray(join)) return literal(join[1]);
  return referencesIn(value)
    .map(({ id }) => `\${${id}}`)
    .join('');
}
