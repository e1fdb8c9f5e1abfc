import leven from 'leven';
import { statementsIn } from '../audit/matrix/statements';
import { listOf } from '../emulator/authorization/document';
import type { StackTemplate } from '../emulator/template';
import { ADMINISTRATOR } from '../vault/profile-names';

/** The most names in a suggestion. */
const MOST = 3;
/** The most characters in which a name may differ. A short one may differ in a third of its characters. */
const MOST_CHANGES = 3;
/** The most names in a list of all. */
const MOST_LISTED = 12;

/**
 * Returns the known names that are nearest to a word, best first: those that contain it, such as a logical id without
 * its hash, then those that differ in few characters. Ignores case.
 */
export function nearest(word: string, known: readonly string[]): readonly string[] {
  const wanted = word.toLowerCase();
  const ranked = [...new Set(known)].flatMap((name) => {
    const candidate = name.toLowerCase();
    const distance = leven(wanted, candidate);
    if (wanted.length > 2 && candidate.includes(wanted)) return [{ name, rank: candidate.length - wanted.length }];
    const few = Math.min(MOST_CHANGES, Math.max(1, Math.floor(wanted.length / 3)));
    return distance <= few ? [{ name, rank: distance }] : [];
  });
  return ranked
    .toSorted((one, other) => one.rank - other.rank)
    .slice(0, MOST)
    .map(({ name }) => name);
}

/** Returns `: did you mean NAME`, or the known names if none is near, to append to an error. */
export function didYouMean(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  if (near.length > 0) return `: did you mean ${near.join(' or ')}`;
  if (known.length === 0) return '';
  const more = known.length > MOST_LISTED ? `, and ${known.length - MOST_LISTED} more` : '';
  return `: known are ${known.slice(0, MOST_LISTED).join(', ')}${more}`;
}

/**
 * Returns the nearest names for the first unknown part of a call, to append to its error; nothing if no part is a name
 * that the template could have.
 */
export function adviceOn(
  template: StackTemplate,
  call: { readonly principal: string; readonly action: string; readonly resource: string },
): string {
  const roles = template.roles();
  const ids = Object.keys(template.resolver.template.Resources);
  const principals = [...roles.map(({ logicalId }) => logicalId), ADMINISTRATOR, 'root'];
  const { principal, action, resource } = call;
  const isName = !/:|\.amazonaws\.com$/.test(principal);
  if (isName && !isKnown(principal, [...principals, ...roles.map(({ name }) => name)])) {
    return didYouMean(principal, principals);
  }
  if (resource !== '*' && !resource.startsWith('arn:') && !isKnown(resource, ids)) return didYouMean(resource, ids);
  const actions = actionsOf(template);
  const near = actions.includes(action) ? [] : nearest(action, actions);
  return near.length === 0 ? '' : `: did you mean ${near.join(' or ')}`;
}

/** Returns whether a name is known, or the end of a linked resource's id after the name of its stack. */
function isKnown(named: string, known: readonly string[]): boolean {
  return known.some((name) => name === named || name.endsWith(`/${named}`));
}

/** Returns the actions that the template's policies name, without patterns. */
function actionsOf(template: StackTemplate): readonly string[] {
  const statements = statementsIn(Object.values(template.resolver.template.Resources));
  const actions = statements.flatMap(({ Action }) => listOf<unknown>(Action));
  return [...new Set(actions)].filter((action) => typeof action === 'string').filter((action) => !action.includes('*'));
}
