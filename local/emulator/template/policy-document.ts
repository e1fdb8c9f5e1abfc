import * as v from 'valibot';
import { VERSION } from '../authorization/document';
import { dictionary, text } from './fields';

const oneOrMore = v.union([text, v.array(text)]);
const principal = v.union([v.literal('*'), dictionary(oneOrMore)]);

const statement = v.strictObject({
  Sid: v.optional(v.string()),
  Effect: v.picklist(['Allow', 'Deny']),
  Action: v.optional(oneOrMore),
  NotAction: v.optional(oneOrMore),
  Principal: v.optional(principal),
  NotPrincipal: v.optional(principal),
  Resource: v.optional(oneOrMore),
  NotResource: v.optional(oneOrMore),
  // IAM compares booleans and numbers as strings
  Condition: v.optional(dictionary(dictionary(oneOrMore))),
});

/**
 * Reads a policy document. Refuses members that IAM doesn't define, since the decision would ignore them, and values
 * that IAM could not compare as strings. Accepts a single statement without a list.
 */
export const policyDocument = v.strictObject({
  Version: v.optional(v.picklist([VERSION, '2008-10-17']), '2008-10-17'),
  Id: v.optional(v.string()),
  Statement: v.pipe(
    v.unknown(),
    v.transform((value) => (Array.isArray(value) ? (value as readonly unknown[]) : [value])),
    v.array(statement),
  ),
});

/** A policy document with all references resolved. */
export type PolicyDocument = v.InferOutput<typeof policyDocument>;
export type PolicyStatement = v.InferOutput<typeof statement>;

export { VERSION };

/** Returns one value or several as a list; an empty list for none. */
export function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : [value].flat();
}
