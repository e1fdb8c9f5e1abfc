import type { TemplateJson } from '../lifecycle';
import { maskId, plain } from '../plain';

/** A template as the checks read it: ids without hashes, references written out as `${Name.Attribute}`. */
export interface VaultTemplate {
  readonly environment: string;
  readonly resources: readonly Resource[];
}

export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly properties: unknown;
  readonly dependsOn: readonly string[];
  readonly deletionPolicy: unknown;
  readonly updateReplacePolicy: unknown;
}

export function readTemplate(environment: string, { Resources }: TemplateJson): VaultTemplate {
  const resources = Object.entries(Resources).map(([id, resource]) => ({
    id: maskId(id),
    type: String(resource.Type),
    properties: plain(resource.Properties ?? {}),
    dependsOn: list(resource.DependsOn).map((each) => maskId(String(each))),
    deletionPolicy: resource.DeletionPolicy,
    updateReplacePolicy: resource.UpdateReplacePolicy,
  }));
  return { environment, resources };
}

export function ofType(template: VaultTemplate, type: string): readonly Resource[] {
  return template.resources.filter((resource) => resource.type === type);
}

/** Returns a member of nested objects; undefined if one of them lacks it. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[name] : undefined,
    value,
  );
}

export function members(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

/** Returns a list: CloudFormation and IAM write a list of one element as the element. */
export function list(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as unknown[]) : [value];
}

/** Returns the id of the role that a function's properties name. */
export function roleOf(properties: unknown): string {
  return String(at(properties, 'Role')).replace(/^\$\{(.*)\.Arn\}$/, '$1');
}

/** Returns whether a resource belongs to a function of the vault. */
export function isOfFunction({ id }: Resource): boolean {
  return /^Vault(Functions|Migration|ResealFunction|RestoreTestingFunction|WebhookFunction)/.test(id);
}
