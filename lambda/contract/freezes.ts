import * as v from 'valibot';
import { KINDS } from './kinds';
import { LIMITS } from './limits';
import { ACTOR_PATTERN } from './patterns';
import { type Described, matching, shownText, wholeNumber } from './schema';

/** Freezing and thawing: what the functions `freeze` and `thaw` receive and respond. */

/** Minutes in which a request to thaw can be confirmed. */
export const CONFIRM_MINUTES = 15;

const text = v.string('a string');
const reason = shownText(LIMITS.reasonChars);
const freezeId = wholeNumber(1, Number.MAX_SAFE_INTEGER);

const SCOPE = v.variant(
  'scope',
  [
    /** nothing is opened, reseals included */
    v.strictObject({ scope: v.literal('all', 'all') }),
    /** nothing is opened for a caller; reseals go on */
    v.strictObject({ scope: v.literal('callers', 'callers') }),
    /** nothing is opened for an actor */
    v.strictObject({ scope: v.literal('actor', 'actor'), name: matching(ACTOR_PATTERN, 'the name of an actor') }),
    /** no record of a kind is opened */
    v.strictObject({ scope: v.literal('kind', 'kind'), name: v.picklist(KINDS, KINDS.join(' or ')) }),
  ],
  'all, callers, actor or kind',
);
export type FreezeScope = Described<typeof SCOPE>;

/** `freeze` has its effect with the next call; `request-thaw` needs a confirmation by another actor within 15 minutes. */
export const FREEZE_REQUEST = v.variant(
  'action',
  [
    v.strictObject({ action: v.literal('freeze', 'freeze'), freeze: SCOPE, reason }),
    v.strictObject({ action: v.literal('request-thaw', 'request-thaw'), freezeId, reason }),
    v.strictObject({ action: v.literal('list', 'list') }),
  ],
  'freeze, request-thaw or list',
);
export type FreezeRequest = Described<typeof FREEZE_REQUEST>;

/** Confirms a request to thaw: by another actor than the one that asked. */
export const THAW_REQUEST = v.variant(
  'action',
  [
    v.strictObject({ action: v.literal('confirm-thaw', 'confirm-thaw'), freezeId }),
    v.strictObject({ action: v.literal('list', 'list') }),
  ],
  'confirm-thaw or list',
);
export type ThawRequest = Described<typeof THAW_REQUEST>;

/** how many freezes are in force after the call: nothing is frozen only if there is none */
const inForce = wholeNumber(0, Number.MAX_SAFE_INTEGER);

export const FREEZE_RESPONSE = v.object({ freezeId, frozenAt: text, inForce });
export type FreezeResponse = Described<typeof FREEZE_RESPONSE>;

export const REQUEST_THAW_RESPONSE = v.object({ confirmUntil: text, inForce });
export type RequestThawResponse = Described<typeof REQUEST_THAW_RESPONSE>;

export const THAW_RESPONSE = v.object({ thawedAt: text, inForce });
export type ThawResponse = Described<typeof THAW_RESPONSE>;

const FREEZE_FACT = v.object({
  freezeId,
  /** all, callers, actor or kind */
  scope: text,
  /** of the actor or kind */
  name: v.optional(text),
  reason: text,
  frozenBy: text,
  frozenAt: text,
  thawRequestedBy: v.optional(text),
  thawRequestedAt: v.optional(text),
  thawedBy: v.optional(text),
  thawedAt: v.optional(text),
  /** since when tombstones are missing, ISO 8601: the freeze of a restored database can't be thawed before they are replayed */
  replayFrom: v.optional(text),
});
/** One freeze: in force unless it was thawed. */
export type FreezeFact = Described<typeof FREEZE_FACT>;

/** Those in force, then others, newest first: at most 500. */
export const FREEZES_RESPONSE = v.object({ freezes: v.array(FREEZE_FACT, 'a list'), inForce });
export type FreezesResponse = Described<typeof FREEZES_RESPONSE>;
