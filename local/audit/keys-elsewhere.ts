import * as v from 'valibot';
import { ELSEWHERE_ENV, tokenAudience } from '../../lambda/contract/elsewhere';
import { recoveryFingerprint } from '../../lambda/contract/recovery';
import type { Finding } from './finding';
import { at, type Json, keyOf } from './json';
import { permissionsOf, statementsOf } from './permissions';
import type { Member } from './vaults';

const LOGIN = { method: v.optional(v.string()), audience: v.optional(v.string()) };
const DESCRIPTION = v.object({
  type: v.string(),
  ...LOGIN,
  login: v.optional(v.object({ ...LOGIN, method: v.string() })),
});
const OTHER_KEYS = v.pipe(v.string(), v.parseJson(), v.array(DESCRIPTION));
const BODY_STORE = v.pipe(v.string(), v.parseJson(), DESCRIPTION);
const NAMES = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.string()));

const ROLE = '/Role/Permissions/Resource';
const TOKEN = 'sts:GetWebIdentityToken';

/**
 * Returns the findings of values that the allow-list leaves to the vault's owner and that must agree: the audiences that
 * a role may get tokens for with the function's keys and stores, and the published fingerprints with the recovery keys.
 */
export function keysElsewhereFindings(
  members: readonly Member[],
  propertiesOf: (member: Member) => Json,
): readonly Finding[] {
  const properties = new Map(members.map((member) => [member.name, propertiesOf(member)]));
  const variable = (path: string, name: string) => at(properties.get(path), 'Environment', 'Variables', name);
  const differing = (path: string, property: string, expected: Json, got: Json): readonly Finding[] => {
    if (keyOf(expected) === keyOf(got)) return [];
    const resource = members.find(({ name }) => name === path)?.resource.id ?? '';
    return [{ resource, path, property, expected: keyOf(expected), got: keyOf(got) }];
  };
  const roles = members.filter(({ name }) => name.endsWith(ROLE)).map(({ name }) => name);
  const recovery = fingerprintsOf(variable('Functions/seal/Function/Resource', ELSEWHERE_ENV.recoveryKeys));
  const published = ['Keys/RecoveryKeys/Resource', 'Outputs/RecoveryKeys'].filter((path) => properties.has(path));
  const sealing = ['Webhook', 'Migration', 'Reseal'].map((name) => `${name}/Function/Function/Resource`);
  return [
    ...roles.flatMap((path) => {
      const fn = path.replace(ROLE, '/Function/Resource');
      // the migration only compares the names of keys
      const needed = audiencesOf((name) => variable(fn, name), !fn.startsWith('Migration/'));
      return differing(path, TOKEN, [...needed].sort(), audiencesAllowed(properties.get(path)).sort());
    }),
    ...published.flatMap((path) => {
      const names = v.safeParse(NAMES, at(properties.get(path), 'Value'));
      return differing(path, 'Properties.Value', recovery, names.success ? names.output : null);
    }),
    ...sealing
      .filter((path) => properties.has(path))
      .flatMap((path) =>
        differing(
          path,
          ELSEWHERE_ENV.recoveryKeys,
          recovery,
          fingerprintsOf(variable(path, ELSEWHERE_ENV.recoveryKeys)),
        ),
      ),
  ];
}

function audiencesOf(variable: (name: string) => unknown, callsKeys: boolean): readonly string[] {
  const keys = v.safeParse(OTHER_KEYS, callsKeys ? variable(ELSEWHERE_ENV.otherKeys) : undefined);
  const store = v.safeParse(BODY_STORE, variable(ELSEWHERE_ENV.bodyStore));
  const descriptions = [...(keys.success ? keys.output : []), ...(store.success ? [store.output] : [])];
  return [...new Set(descriptions.flatMap((each) => tokenAudience(each) ?? []))];
}

/** Returns each audience that a policy's statements allow, a list of several as one text. */
function audiencesAllowed(properties: Json | undefined): string[] {
  const statements = statementsOf((at(properties, 'PolicyDocument') ?? null) as Json) ?? [];
  return statements
    .flatMap(permissionsOf)
    .filter(({ Effect, Action }) => Effect === 'Allow' && Action === TOKEN)
    .map(({ Condition }) => at(Condition, 'ForAllValues:StringEquals', 'sts:IdentityTokenAudience'))
    .map((audience) => (Array.isArray(audience) ? audience.join(' ') : JSON.stringify(audience ?? null)));
}

function fingerprintsOf(variable: unknown): Readonly<Record<string, string>> {
  const keys = v.safeParse(NAMES, variable);
  if (!keys.success) return {};
  const named = Object.entries(keys.output);
  return Object.fromEntries(named.map(([name, spki]) => [name, recoveryFingerprint(Buffer.from(spki, 'base64'))]));
}
