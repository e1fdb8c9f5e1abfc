import { LIMITS } from './limits';

/**
 * The one spelling of ids and of chains. Two texts that look the same must not name two wallets: a revocation would
 * leave one of them open. `0014-canonical.sql.ts` holds the same rules for the database.
 */

/** Characters that show nothing, turn the direction of a line or end it, and blanks other than the space. */
const HIDDEN = String.raw`\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000`;
/** A text without any of them. */
export const SHOWN_PATTERN = new RegExp(`^[^${HIDDEN}]*$`, 'u');
/** A text without a blank at an end. */
export const TRIMMED_PATTERN = /^[^ ](?:.*[^ ])?$/u;
const ALL_HIDDEN = new RegExp(`[${HIDDEN}]`, 'gu');
const ALL_BLANK = new RegExp(`[ ${HIDDEN}]`, 'gu');

/** A name in capitals, such as `EVM`, or a CAIP-2 id in small letters, such as `eip155:1`. */
export const CHAIN_PATTERN = /^(?:[A-Z0-9]+(?:[_-][A-Z0-9]+)*|[a-z0-9]{3,8}:[-_a-z0-9]{1,6})$/;
/** The same, with letters of any case. */
export const SENT_CHAIN_PATTERN = new RegExp(CHAIN_PATTERN.source, 'i');

export function isCanonicalId(text: string): boolean {
  return (
    TRIMMED_PATTERN.test(text) && text.isWellFormed() && SHOWN_PATTERN.test(text) && text.normalize('NFC') === text
  );
}

export function isCanonicalChain(text: string): boolean {
  return text.length <= LIMITS.chainChars && CHAIN_PATTERN.test(text);
}

/** Returns a chain's canonical spelling if the text differs from it in the case of letters only. */
export function foldChain(text: string): string | undefined {
  if (!SENT_CHAIN_PATTERN.test(text)) return undefined;
  const folded = text.includes(':') ? text.toLowerCase() : text.toUpperCase();
  return isCanonicalChain(folded) ? folded : undefined;
}

/** Returns the canonical chain that a text looks like, for revocations only. */
export function guessChain(text: string): string | undefined {
  return foldChain(text.normalize('NFKC').replace(ALL_BLANK, ''));
}

/** Returns the canonical id that a text looks like, for revocations only. */
export function guessId(text: string): string | undefined {
  const id = text.replace(ALL_HIDDEN, '').normalize('NFC').trim();
  // form NFC can be longer than the text
  return id !== '' && id.length <= LIMITS.idChars && isCanonicalId(id) ? id : undefined;
}
