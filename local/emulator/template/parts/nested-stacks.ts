import * as v from 'valibot';
import type { Assets } from '../assets';
import type { Deployment } from '../deployment';
import { fail } from '../errors';
import { dictionary, text } from '../fields';
import type { Resources } from '../resources';

export const NESTED_STACK = 'AWS::CloudFormation::Stack';

/** A nested stack. */
export interface NestedStackPart {
  readonly logicalId: string;
  /** the nested stack's name, the prefix of its resources' names */
  readonly stack: string;
  /** path of its template */
  readonly file: string;
  /** values of its parameters, lists separated by commas */
  readonly parameters: Readonly<Record<string, string>>;
}

const parameterText = v.union([text, v.pipe(v.array(text), v.transform((list) => list.join(',')))]); // prettier-ignore
const FIELDS = { TemplateURL: text, Parameters: v.optional(dictionary(parameterText), {}) };

/**
 * Returns the deployment of a nested stack: its parent's, with the stack name and parameters of its own. `physical`
 * receives ids of the form `STACK/ID` with the nested stack's logical id: two templates may use the same ids.
 */
export function nestedDeployment(
  deployment: Deployment,
  { logicalId, stack, parameters }: NestedStackPart,
): Deployment {
  const { physical } = deployment;
  return {
    ...deployment,
    stack,
    parameters,
    ...(physical && { physical: (id: string, attribute: string) => physical(`${logicalId}/${id}`, attribute) }),
  };
}

export function readNestedStacks(resources: Resources, assets: Assets): readonly NestedStackPart[] {
  return resources.idsOf(NESTED_STACK).map((logicalId) => readNestedStack(logicalId, resources, assets));
}

/**
 * Reads only this nested stack, since its parameters may be outputs of another one. Throws `TemplateError` if the
 * synth's assets lack its template.
 */
export function readNestedStack(logicalId: string, resources: Resources, assets: Assets): NestedStackPart {
  const { template } = resources.resolver;
  const { TemplateURL: url, Parameters: parameters } = resources.properties(logicalId, FIELDS);
  const key = url.slice(url.lastIndexOf('/') + 1);
  const file = assets.path(key, template.Resources[logicalId]?.Metadata ?? {});
  if (file === undefined) {
    const path = ['Resources', logicalId, 'Properties', 'TemplateURL'];
    return fail(template, path, `expected a template among the synth's assets, got none for ${key}`);
  }
  const [, stack = logicalId] = resources.resolver.name(logicalId).split('/');
  return { logicalId, stack, file, parameters };
}
