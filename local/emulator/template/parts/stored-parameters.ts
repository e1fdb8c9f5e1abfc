import * as v from 'valibot';
import { text } from '../fields';
import type { Resources } from '../resources';

export const STORED_PARAMETER = 'AWS::SSM::Parameter';

/** A parameter of Parameter Store. */
export interface StoredParameterPart {
  readonly logicalId: string;
  /** such as `/team/name` */
  readonly name: string;
  readonly type: 'String' | 'StringList';
  readonly value: string;
  readonly description: string | undefined;
}

const FIELDS = { Type: v.picklist(['String', 'StringList']), Value: text, Description: v.optional(text) };

export function readStoredParameters(resources: Resources): readonly StoredParameterPart[] {
  return resources.of(STORED_PARAMETER, FIELDS).map(({ logicalId, properties }) => ({
    logicalId,
    name: resources.resolver.name(logicalId),
    type: properties.Type,
    value: properties.Value,
    description: properties.Description,
  }));
}
