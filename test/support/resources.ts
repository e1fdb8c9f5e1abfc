import type { Template } from 'aws-cdk-lib/assertions';

/** The properties of a template's resources of one type, by logical id. */
export function propertiesOf(template: Template, type: string, prefix = ''): ReadonlyMap<string, Properties> {
  return new Map(
    Object.entries(template.findResources(type))
      .filter(([id]) => id.startsWith(prefix))
      .map(([id, resource]) => [id, (resource as { readonly Properties?: Properties }).Properties ?? {}]),
  );
}

export type Properties = Readonly<Record<string, unknown>>;

/** One property of each of them, in the template's order. */
export function valuesOf(template: Template, type: string, property: string): readonly unknown[] {
  return [...propertiesOf(template, type).values()].map((properties) => properties[property]);
}
