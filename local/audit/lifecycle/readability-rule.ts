import { isDeepStrictEqual } from 'node:util';
import { ELSEWHERE_ENV } from '../../../lambda/contract/elsewhere';
import { ENV } from '../../../lambda/contract/variables';
import { type ChangeAction, changesBetween } from './changes';
import type { Finding } from './finding';
import { literal } from './protection-guard';
import { referencesIn } from './references';
import { type Resource, resourcesOf, type TemplateJson } from './template';

/**
 * Finds updates that make existing records unreadable: functions that get another share key open none of them, unless
 * the former one still opens and the new one already did, those
 * that get another body store find no body, and no function reads a database that the stack gave up.
 */
export function recordsStayReadable(before: TemplateJson, after: TemplateJson): readonly Finding[] {
  const [former, next] = [resourcesOf(before), resourcesOf(after)];
  const changes = changesBetween(before, after);
  const actions = new Map(changes.map(({ id, action }) => [id, action]));
  const databases = changes.flatMap(({ id, type, action, former }) =>
    type === 'AWS::RDS::DBCluster' && former !== undefined
      ? [finding(id, `expected the database of all records to stay, got one that is ${action}: ${former}`)]
      : [],
  );
  const functions = [...former.values()].filter(({ type }) => type === 'AWS::Lambda::Function');
  const keys = functions.flatMap((own) => {
    const other = next.get(own.id);
    const [sealing] = keysOf(own);
    if (sealing === undefined || other === undefined) return [];
    const [nextSealing] = keysOf(other);
    const kept = openingKeys(other, next).find((key) => isDeepStrictEqual(key, sealing));
    if (kept === undefined || isReplaced(kept, actions)) {
      return [finding(own.id, 'expected the share key that sealed the records, got another one')];
    }
    if (openingKeys(own, former).some((key) => isDeepStrictEqual(key, nextSealing))) return [];
    // a rolled-back update deletes the keys that it created, and restores functions that don't know them
    return [finding(own.id, 'expected a new share key that the functions already open with, got another one')];
  });
  const stores = functions.flatMap((own) => {
    const other = next.get(own.id);
    const store = bodyStoreOf(own);
    if (store === undefined || other === undefined || isDeepStrictEqual(store, bodyStoreOf(other))) return [];
    return [finding(own.id, "expected the store of the records' bodies to stay, got another one")];
  });
  return [...databases, ...keys, ...stores];
}

function finding(resource: string, problem: string): Finding {
  return { rule: 'recordsStayReadable', resource, problem };
}

/** Returns the place of a function's body store, without the login and the limits, which can change. */
function bodyStoreOf(resource: Resource): unknown {
  const description = variablesOf(resource)[ELSEWHERE_ENV.bodyStore];
  // the constructs join it from texts and the storage key's ARN
  const [, type] = /"type":"([a-z-]+)"/.exec(literal(description)) ?? [];
  if (typeof description !== 'string') return type;
  const { project, vault, address, namespace, mount } = JSON.parse(description) as Readonly<Record<string, unknown>>;
  return { type, project, vault, address, namespace, mount };
}

function variablesOf({ properties }: Resource): Readonly<Record<string, unknown>> {
  const { Environment } = properties as { readonly Environment?: { readonly Variables?: Record<string, unknown> } };
  return Environment?.Variables ?? {};
}

/** Functions that seal and open nothing: the others open what they seal. */
const SEALERS = /-(receive|seal)$/;

/** Returns the keys that open what a function seals or opens. */
function openingKeys(resource: Resource, all: ReadonlyMap<string, Resource>): readonly unknown[] {
  const isSealer = ({ properties }: Resource) => SEALERS.test(literal(properties.FunctionName));
  if (!isSealer(resource)) return keysOf(resource);
  const functions = [...all.values()].filter(({ type }) => type === 'AWS::Lambda::Function');
  return functions.filter((each) => !isSealer(each)).flatMap(keysOf);
}

/** Returns the keys that a function opens records with, the one that seals them first; not the other keys that only wrap them. */
function keysOf(resource: Resource): readonly unknown[] {
  const variables = variablesOf(resource);
  const { [ENV.shareKeyArn]: arn, [ELSEWHERE_ENV.otherKeys]: others } = variables;
  const online = [...(arn === undefined ? [] : [arn]), ...externalKeysOf(others)];
  const used = variables[ELSEWHERE_ENV.openWithOtherKeys] === 'true' ? online : online.slice(0, 1);
  return [...used, ...openingKeysOf(variables)];
}

/** Returns the keys that only open: the constructs join the ARNs of those in AWS from texts and references. */
function openingKeysOf(variables: Readonly<Record<string, unknown>>): readonly unknown[] {
  const { [ENV.openingKeyArns]: arns, [ELSEWHERE_ENV.openingKeys]: external } = variables;
  const { 'Fn::Join': [, parts = []] = [] } = (arns ?? {}) as { readonly 'Fn::Join'?: readonly [string, unknown[]] };
  return [...parts.filter((part) => typeof part === 'object'), ...externalKeysOf(external)];
}

/** Returns the names of external keys, without the logins, which can change. */
function externalKeysOf(descriptions: unknown): readonly unknown[] {
  if (typeof descriptions !== 'string') return [];
  const keys = JSON.parse(descriptions) as readonly Readonly<Record<string, unknown>>[];
  return keys.map(({ type, address, namespace, mount, key }) => ({ type, address, namespace, mount, key }));
}

function isReplaced(value: unknown, actions: ReadonlyMap<string, ChangeAction>): boolean {
  return referencesIn(value).some(({ id }) => actions.get(id) === 'replaced');
}
