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
  // booleans and numbers are texts to IAM
  Condition: v.optional(dictionary(dictionary(oneOrMore))),
});

/**
 * Reads a policy in IAM's own terms: what IAM would not know is refused, since it would be left out of the decision, and
 * so is anything that is no text where IAM compares texts. A single statement may stand without brackets.
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

/** Every reference in it resolved. */
export type PolicyDocument = v.InferOutput<typeof policyDocument>;
export type PolicyStatement = v.InferOutput<typeof statement>;

export { VERSION };

/** One or more, as a list. */
export function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : [value].flat();
}
