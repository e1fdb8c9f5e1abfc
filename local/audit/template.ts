import { at, isList, isObject, type Json, type JsonObject } from './json';

/** A resource as a template has it. */
export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly body: JsonObject;
  /** The construct path that the CDK wrote down, if it was asked to. */
  readonly path: string | undefined;
  /** The value of the tag `share-vault:environment`. */
  readonly environment: string | undefined;
}

/** The tag of all resources of a vault that can carry one. */
export const ENVIRONMENT_TAG = 'share-vault:environment';

/** Returns a template's resources. Throws if the value is no template. */
export function readResources(template: unknown): readonly Resource[] {
  const resources = at(template, 'Resources');
  if (!isObject(resources)) throw new Error('template: expected an object with Resources, got none');
  return Object.entries(resources).map(([id, body]) => readResource(id, body));
}

/** The type of a parameter that only a deploy gives a value. */
export const PARAMETER = 'Parameter';

/** Returns the types of a template's resources and parameters by logical id. */
export function readTypes(template: unknown): ReadonlyMap<string, string> {
  const parameters = at(template, 'Parameters');
  const names = Object.entries(isObject(parameters) ? parameters : {}).map(([name, body]) => {
    return [name, at(body, 'Default') === undefined ? PARAMETER : `${PARAMETER} with a default`] as const;
  });
  return new Map([...names, ...readResources(template).map(({ id, type }) => [id, type] as const)]);
}

/** The type of an output that is compared like a resource. */
export const OUTPUT = 'Output';

/** Returns a template's outputs as if they were resources. */
export function readOutputs(template: unknown): readonly Resource[] {
  const outputs = at(template, 'Outputs');
  return Object.entries(isObject(outputs) ? outputs : {}).map(([name, body]) => {
    const { Description = null, Value = null, ...rest } = isObject(body) ? body : {};
    return readResource(`Outputs.${name}`, { ...rest, Type: OUTPUT, Properties: { Description, Value } });
  });
}

export function readResource(id: string, body: Json): Resource {
  if (!isObject(body)) throw new Error(`template: expected an object at Resources.${id}, got something else`);
  const path = at(body, 'Metadata', 'aws:cdk:path');
  return {
    id,
    type: typeof body.Type === 'string' ? body.Type : '',
    body,
    path: typeof path === 'string' ? path : undefined,
    environment: environmentOf(at(body, 'Properties')),
  };
}

/** The names of the properties that resource types take tags in. */
const TAG_PROPERTIES = ['Tags', 'BackupVaultTags', 'BackupPlanTags'] as const;

function environmentOf(properties: unknown): string | undefined {
  for (const name of TAG_PROPERTIES) {
    const value = tagValue(at(properties, name));
    if (value !== undefined) return value;
  }
  return undefined;
}

function tagValue(tags: unknown): string | undefined {
  const value = isList(tags)
    ? at(
        tags.find((tag) => at(tag, 'Key') === ENVIRONMENT_TAG),
        'Value',
      )
    : at(tags, ENVIRONMENT_TAG);
  return typeof value === 'string' ? value : undefined;
}
