import { isList, isObject, type Json, type JsonObject, keyOf, listOf } from './json';

/** The members of a statement with lists that can be split without a change of meaning. */
const SPLIT = ['Action', 'Resource'] as const;

/**
 * Returns a statement as single permissions: one principal, one action, one resource each, all lists of conditions in
 * one order. Two documents allow and deny the same if their permissions are the same, however statements were merged.
 */
export function permissionsOf(statement: JsonObject): readonly JsonObject[] {
  const { Condition, Principal, ...others } = statement;
  const rest: JsonObject = others;
  const conditions: JsonObject = Condition === undefined ? {} : { Condition: sortedCondition(Condition) };
  const principals: readonly JsonObject[] =
    Principal === undefined ? [{}] : principalsOf(Principal).map((each) => ({ Principal: each }));
  let permissions: readonly JsonObject[] = principals.map((principal) => ({ ...rest, ...principal, ...conditions }));
  for (const name of SPLIT) {
    if (rest[name] === undefined) continue;
    const values = listOf(rest[name]);
    permissions = permissions.flatMap((each) => values.map((value) => ({ ...each, [name]: value })));
  }
  return permissions;
}

function principalsOf(principal: Json): readonly Json[] {
  if (!isObject(principal)) return [principal];
  return Object.entries(principal).flatMap(([kind, who]) => listOf(who).map((each): JsonObject => ({ [kind]: each })));
}

/** Sorts a condition's values. They are alternatives: their order, and a list around a single value, mean nothing. */
function sortedCondition(condition: Json): Json {
  return mapMembers(condition, (keys) => mapMembers(keys, sortedValues));
}

function mapMembers(value: Json, change: (member: Json) => Json): Json {
  if (!isObject(value)) return value;
  const members = Object.entries(value).map(([name, member]): readonly [string, Json] => [name, change(member)]);
  return Object.fromEntries(members);
}

function sortedValues(values: Json): Json {
  const sorted = [...new Map(listOf(values).map((value) => [keyOf(value), value]))].sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return sorted.map(([, value]) => value);
}

/** Returns the statements of a policy document, undefined if the value is none. */
export function statementsOf(document: Json | undefined): readonly JsonObject[] | undefined {
  if (!isObject(document) || document.Statement === undefined) return undefined;
  const statements = listOf(document.Statement);
  return statements.every((each) => isObject(each) && typeof each.Effect === 'string')
    ? (statements as readonly JsonObject[])
    : undefined;
}

/** Returns a permission in a line for findings: `Deny kms:CreateGrant (DenyGrants)`. */
export function describePermission(permission: JsonObject): string {
  const { Sid, Effect, Principal, Action, Resource, Condition, ...others } = permission;
  const parts = [
    Effect,
    Action ?? 'no action',
    Resource === undefined || Resource === '*' ? '' : `on ${text(Resource)}`,
    Principal === undefined ? '' : `to ${text(isObject(Principal) ? (Object.values(Principal)[0] ?? '') : Principal)}`,
    Condition === undefined ? '' : `if ${text(Condition)}`,
    Object.keys(others).length === 0 ? '' : text(others),
    Sid === undefined ? '' : `(${text(Sid)})`,
  ];
  return parts
    .map((part) => text(part ?? ''))
    .filter((part) => part !== '')
    .join(' ');
}

function text(value: Json): string {
  if (typeof value === 'string') return value;
  return isList(value) && value.length === 1 ? text(value[0] ?? '') : JSON.stringify(value);
}
