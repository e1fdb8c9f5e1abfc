import * as v from 'valibot';
import { dictionary, flag, text } from './fields';

const resource = v.object({
  Type: v.string(),
  Condition: v.optional(v.string()),
  DependsOn: v.optional(v.union([v.string(), v.array(v.string())])),
  Properties: v.optional(dictionary(v.unknown()), {}),
  Metadata: v.optional(dictionary(v.unknown()), {}),
});

const parameter = v.object({
  Type: v.string(),
  Default: v.optional(text),
  AllowedValues: v.optional(v.array(text)),
  AllowedPattern: v.optional(v.string()),
  NoEcho: v.optional(flag, false),
  // not CloudFormation's: the value that the user or the parent of a nested stack gives
  Given: v.optional(v.unknown()),
});

const output = v.object({
  Value: v.unknown(),
  Condition: v.optional(v.string()),
  Export: v.optional(v.object({ Name: v.unknown() })),
});

const mapping = dictionary(dictionary(v.unknown()));

export const body = v.object({
  Resources: dictionary(resource),
  Parameters: v.optional(dictionary(parameter), {}),
  Conditions: v.optional(dictionary(v.unknown()), {}),
  Mappings: v.optional(dictionary(mapping), {}),
  Outputs: v.optional(dictionary(output), {}),
  Transform: v.optional(v.union([v.string(), v.array(v.string())]), []),
});

export type Resource = v.InferOutput<typeof resource>;
export type Parameter = v.InferOutput<typeof parameter>;

/** A CloudFormation template that matches the schema; its intrinsic functions are not resolved. */
export interface Template extends Readonly<v.InferOutput<typeof body>> {
  /** the path that errors name */
  readonly file: string;
}
