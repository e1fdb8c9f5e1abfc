import { isList, isObject, type Json, type JsonObject } from '../../../../local/audit/json';

/** A resource with one defect. */
export interface Mutant {
  readonly what: string;
  readonly body: JsonObject;
}

type Path = readonly (string | number)[];

/** Names of a policy's members that a wildcard would open. */
const OPENED = /^(Action|Resource|Principal|AWS|Service|NotResource)$/;
const POLICIES = ['Delete', 'Retain', 'RetainExceptOnCreate', 'Snapshot'];

/** Makes every mechanical mutant of a resource. `others` are the ids of the template's other resources by type. */
export function* mutantsOf(body: JsonObject, others: readonly string[]): Generator<Mutant> {
  yield* inside(body, ['Properties'], body.Properties ?? {}, others);
  if (body.DependsOn !== undefined) yield* inside(body, ['DependsOn'], body.DependsOn, others);
  yield changed(body, ['Type'], 'AWS::S3::Bucket', 'another type');
  yield changed(body, ['Properties', 'Unknown'], 'x', 'an unknown property');
  yield changed(body, ['Condition'], 'Never', 'a condition');
  yield changed(body, ['CreationPolicy'], { ResourceSignal: { Count: 1 } }, 'a creation policy');
  yield changed(body, ['UpdatePolicy'], { UseOnlineResharding: true }, 'an update policy');
  for (const name of ['DeletionPolicy', 'UpdateReplacePolicy']) {
    if (body[name] !== undefined) yield removed(body, [name]);
    for (const policy of POLICIES) if (policy !== body[name]) yield changed(body, [name], policy, `${name} ${policy}`);
  }
}

function* inside(body: JsonObject, path: Path, value: Json, others: readonly string[]): Generator<Mutant> {
  const [name] = path.slice(-1);
  if (isList(value)) yield* listMutants(body, path, value);
  if (isObject(value)) yield* objectMutants(body, path, value);
  if (isList(value) || isObject(value)) {
    for (const [key, member] of Object.entries(value)) {
      const step = [...path, isList(value) ? Number(key) : key];
      yield removed(body, step);
      yield* inside(body, step, member, others);
    }
    return;
  }
  if (typeof value === 'boolean') yield changed(body, path, !value, 'flipped');
  if (typeof value === 'number') for (const other of [value + 1, value * 10 + 1, value - 1]) yield changed(body, path, other, `${other}`); // prettier-ignore
  if (typeof value === 'string') yield* textMutants(body, path, value, String(name), others);
}

function* listMutants(body: JsonObject, path: Path, value: readonly Json[]): Generator<Mutant> {
  yield changed(body, path, [], 'emptied');
  yield changed(body, path, [...value, 'x'], 'a further element');
  if (path.at(-1) === 'Statement') {
    const open = { Effect: 'Allow', Action: '*', Resource: '*', Principal: { AWS: '*' } };
    yield changed(body, path, [...value, open], 'a statement for everybody');
    const { Principal: _, ...identity } = open;
    yield changed(body, path, [...value, identity], 'a statement for everything');
  }
}

function* objectMutants(body: JsonObject, path: Path, value: JsonObject): Generator<Mutant> {
  yield changed(body, path, { ...value, Unknown: 'x' }, 'an unknown member');
  if (value.Effect !== undefined && value.NotAction === undefined && value.Action !== undefined) {
    const { Action, ...rest } = value;
    yield changed(body, path, { ...rest, NotAction: Action }, 'NotAction for Action');
  }
}

function* textMutants(
  body: JsonObject,
  path: Path,
  value: string,
  name: string,
  others: readonly string[],
): Generator<Mutant> {
  yield changed(body, path, `${value}x`, 'a letter more');
  if (value === 'Allow' || value === 'Deny') yield changed(body, path, value === 'Allow' ? 'Deny' : 'Allow', 'flipped');
  const inPolicy = path.some((step) => OPENED.test(String(step)));
  if (inPolicy && value !== '*') yield changed(body, path, '*', 'a wildcard');
  if (inPolicy && name === 'Action' && value.includes(':'))
    yield changed(body, path, value.replace(/:.*/, ':*'), 'all of a service');
  const referred = name === 'Ref' || (path.at(-2) === 'Fn::GetAtt' && path.at(-1) === 0);
  if (referred) for (const other of others.filter((id) => id !== value).slice(0, 2)) yield changed(body, path, other, `a reference to ${other}`); // prettier-ignore
}

function changed(body: JsonObject, path: Path, value: Json, what: string): Mutant {
  return { what: `${path.join('.')}: ${what}`, body: put(body, path, value) as JsonObject };
}

function removed(body: JsonObject, path: Path): Mutant {
  return { what: `${path.join('.')}: removed`, body: put(body, path, undefined) as JsonObject };
}

/** Returns a copy that differs at one place; undefined takes the place away. */
function put(value: Json | undefined, [step, ...rest]: Path, wanted: Json | undefined): Json | undefined {
  if (step === undefined) return wanted;
  if (isList(value)) {
    const inner = put(value[Number(step)], rest, wanted);
    const place = Number(step);
    return inner === undefined ? value.toSpliced(place, 1) : value.with(place, inner);
  }
  const object = isObject(value) ? value : {};
  const inner = put(object[step], rest, wanted);
  const { [String(step)]: _, ...others } = object;
  return inner === undefined ? others : { ...object, [step]: inner };
}
