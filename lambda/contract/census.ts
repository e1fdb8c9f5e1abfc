import * as v from 'valibot';
import { KINDS } from './kinds';
import { type Described, type Schema, wholeNumber } from './schema';

const text: Schema<string> = v.string('a string');
const count = wholeNumber(0, Number.MAX_SAFE_INTEGER);

export const CENSUS_GROUP = v.object({
  kind: v.picklist(KINDS, KINDS.join(' or ')),
  keyId: text,
  /** absent: unknown */
  keyMaterialId: v.optional(text),
  /** superseded ones included, which need their key until they are destroyed */
  records: count,
  superseded: count,
  /** when the oldest of them was made, ISO 8601 */
  oldest: text,
});
/** Records of one kind whose data keys are wrapped by one key material of one key. */
export type CensusGroup = Described<typeof CENSUS_GROUP>;
