import * as v from 'valibot';
import type { Assets } from '../assets';
import type { Deployment } from '../deployment';
import { fail } from '../errors';
import { dictionary, text } from '../fields';
import type { Resources } from '../resources';

export const NESTED_STACK = 'AWS::CloudFormation::Stack';

/** A template within this one. */
export interface NestedStackPart {
  readonly logicalId: string;
  /** the nested stack's name, which the names in it begin with */
  readonly stack: string;
  /** of its template */
  readonly file: string;
  /** what it is given for its own, as texts */
  readonly parameters: Readonly<Record<string, string>>;
}

const parameterText = v.union([text, v.pipe(v.array(text), v.transform((list) => list.join(',')))]); // prettier-ignore
const FIELDS = { TemplateURL: text, Parameters: v.optional(dictionary(parameterText), {}) };

/**
 * Where a nested stack is deployed: where its parent is, under a name of its own. Its resources are `PARENT/ID` to
 * `physical`, `PARENT` being the nested stack's logical id: ids of two templates may be the same.
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

/** Reads one by itself: what one is given may come from another. Throws `TemplateError` where the synth left no template for it. */
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
