import { isObject, type Json, type JsonObject, keyOf } from './json';
import type { Matching } from './matching';
import { prepared } from './matcher-texts';
import { describePermission, permissionsOf, statementsOf } from './permissions';
import type { Policy } from './shape';
import type { Values, VaultFacts } from './vault-facts';

/** A permission that a policy has to have, or may have any number of times. */
interface Wanted {
  readonly permission: JsonObject;
  readonly key: string;
  readonly values: Values;
  readonly any: boolean;
}

/** Compares a policy document one permission at a time: the CDK may merge and order statements as it likes. */
export function matchPolicy(matcher: Matching, shape: Policy, actual: Json, property: string, values: Values): void {
  const statements = statementsOf(actual);
  if (statements === undefined || !isObject(actual)) {
    matcher.refuse(property, 'a policy document', actual);
    return;
  }
  const { Statement: _, ...members } = actual;
  matcher.match(shape['%policy'], members, property, values);
  const rest = new Map(statements.flatMap(permissionsOf).map((each) => [keyOf(each), each]));
  const wanted = wantedOnce(matcher, shape, values);
  for (const each of wanted) {
    const found = foundBy(matcher, each, rest);
    for (const key of found) rest.delete(key);
    if (found.length === 0 && !each.any) {
      const expected = describePermission(each.permission);
      matcher.mismatches.push({ property: statementAt(property, each.permission), expected, got: 'none' });
    }
  }
  for (const each of rest.values()) {
    if (matcher.shared && isForeign(each, wanted)) continue;
    const got = describePermission(each);
    matcher.mismatches.push({ property: statementAt(property, each), expected: 'no such permission', got });
  }
}

const KNOWN = new WeakMap<VaultFacts, Map<Policy, Map<string, readonly Wanted[]>>>();

/** Returns the permissions that a policy of one vault has to have, made once. */
function wantedOnce(matcher: Matching, shape: Policy, values: Values): readonly Wanted[] {
  const byShape = KNOWN.get(matcher.facts) ?? new Map<Policy, Map<string, readonly Wanted[]>>();
  const byValues = byShape.get(shape) ?? new Map<string, readonly Wanted[]>();
  const key = JSON.stringify(values);
  const wanted = byValues.get(key) ?? wantedOf(matcher, shape, values);
  KNOWN.set(matcher.facts, byShape.set(shape, byValues.set(key, wanted)));
  return wanted;
}

function wantedOf(matcher: Matching, { statements }: Policy, given: Values): readonly Wanted[] {
  return matcher.elements(statements, given).flatMap(([statement, values]) => {
    if (!isObject(statement)) return [];
    const any = isObject(statement['%any']);
    const plain = prepared(statement['%any'] ?? statement, values, matcher.facts.environment);
    return isObject(plain)
      ? permissionsOf(plain).map((permission) => ({ permission, key: keyOf(permission), values, any }))
      : [];
  });
}

/** Returns the keys of the permissions that match the wanted one. */
function foundBy(matcher: Matching, { permission, key, values, any }: Wanted, among: ReadonlyMap<string, JsonObject>) {
  if (among.has(key)) return [key];
  if (matcher.placeholders.in(key).length === 0) return [];
  const found: string[] = [];
  for (const [id, each] of among) {
    if (matcher.fits(permission, each, values)) found.push(id);
    if (found.length > 0 && !any) break;
  }
  return found;
}

function statementAt(property: string, { Sid }: JsonObject): string {
  return typeof Sid === 'string' ? `${property}.Statement[${Sid}]` : `${property}.Statement`;
}

/** Returns whether a permission is a wanted one for a resource outside the vault. */
function isForeign({ Resource, ...rest }: JsonObject, wanted: readonly Wanted[]): boolean {
  if (typeof Resource !== 'string' || !Resource.includes('${@') || /\$\{(?!@|AWS::)/.test(Resource)) return false;
  return wanted.some(({ permission: { Resource: _, ...each } }) => keyOf(each) === keyOf(rest));
}
