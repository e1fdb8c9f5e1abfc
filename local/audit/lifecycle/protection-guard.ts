import { referencesIn } from './references';
import { isCustomResource } from './replacement-properties';
import type { Resource } from './template';

type Resources = ReadonlyMap<string, Resource>;

/** The call that lifts the protection, as a call of the CDK's `AwsCustomResource` or the code of a function has it. */
const LIFTS = [/ModifyDBCluster/i, /"?DeletionProtection"?: ?false/i];

/**
 * Returns whether a resource lifts the deletion protection of a cluster when a first deploy is rolled back, and at no
 * other time: it is deleted only then, before the cluster that it refers to.
 */
export function isGuardOf(resource: Resource, clusterId: string, all: Resources): boolean {
  const { ServiceToken: _, ...properties } = resource.properties;
  const cluster = referencesIn(properties).some(({ id }) => id === clusterId);
  return cluster && resource.onDelete === 'retained unless it was just created' && liftsProtection(resource, all);
}

/** Returns whether the `Delete` of a custom resource lifts a cluster's deletion protection. Code in an asset is unknown. */
export function liftsProtection({ type, properties }: Resource, all: Resources): boolean {
  if (!isCustomResource(type)) return false;
  const handlers = referencesIn(properties.ServiceToken).map(({ id }) => all.get(id)?.properties.Code);
  const texts = [properties.Delete, ...handlers].map(literal);
  return texts.some((text) => LIFTS.every((pattern) => pattern.test(text)));
}

/** Returns the text of a value: a text, the parts of a join, or the inline code of a function. */
export function literal(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(literal).join('');
  if (typeof value !== 'object' || value === null) return '';
  const { 'Fn::Join': join, ZipFile: code } = value as Readonly<Record<string, unknown>>;
  return Array.isArray(join) ? literal(join[1]) : literal(code);
}
