import * as v from 'valibot';
import { ELSEWHERE_ENV, IDENTITY_TOKEN_SECONDS, tokenAudience } from '../../../lambda/contract/elsewhere';
import { recoveryFingerprint } from '../../../lambda/contract/recovery';
import type { Facts, Request } from './cell';
import type { VaultPolicies } from './vault-policies';

const RECOVERY_KEYS = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.string()));
const LOGIN = { method: v.optional(v.string()), audience: v.optional(v.string()) };
const OTHER_KEYS = v.pipe(
  v.string(),
  v.parseJson(),
  v.array(
    v.object({
      type: v.string(),
      ...LOGIN,
      login: v.optional(v.object({ ...LOGIN, method: v.string() })),
    }),
  ),
);

/** Returns the fingerprints of the keys that can open every new record, by name, as the function that seals has them. */
export function recoveryKeysOf(vault: VaultPolicies): ReadonlyMap<string, string> {
  const keys = v.parse(RECOVERY_KEYS, vault.function('seal')?.environment[ELSEWHERE_ENV.recoveryKeys] ?? '{}');
  return new Map(Object.entries(keys).map(([name, spki]) => [name, recoveryFingerprint(Buffer.from(spki, 'base64'))]));
}

/**
 * Returns the requests for web identity tokens: right ones, and others with one mistake each. A token names its caller: an
 * administrator's own token is of no use at the services, which know the functions' roles.
 */
export function identityTokenRequests(vault: VaultPolicies): readonly Request[] {
  const audiences = audiencesOf(vault);
  const [first, ...more] = audiences;
  if (first === undefined) return [];
  const variants: Readonly<Record<string, Facts>> = {
    right: token({ audience: [first] }),
    ...Object.fromEntries(more.map((audience) => [`for ${audience}`, token({ audience: [audience] })])),
    'other audience': token({ audience: ['https://other.example'] }),
    'a second audience': token({ audience: [first, 'https://other.example'] }),
    ...(more.length > 0 && { 'two of the audiences': token({ audience: audiences }) }),
    'no audience': token({ audience: undefined }),
    'a longer duration': token({ audience: [first], seconds: IDENTITY_TOKEN_SECONDS + 1 }),
    'no duration': token({ audience: [first], seconds: undefined }),
    'other algorithm': token({ audience: [first], algorithm: 'ES384' }),
    'other function': { ...token({ audience: [first] }), sourceFunctionArn: vault.arn('lambda', 'function:other') },
    'no function': { ...token({ audience: [first] }), sourceFunctionArn: undefined },
  };
  return Object.entries(variants).map(([variant, facts]) => ({
    name: `sts:GetWebIdentityToken, ${variant}`,
    action: 'sts:GetWebIdentityToken',
    resource: '*',
    facts: { sourceVpc: vault.network(), ...facts },
    endpointPolicy: vault.endpointPolicy('sts'),
  }));
}

/** Returns the requests that would set another recovery key, or hide it. */
export function recoveryKeyRequests(vault: VaultPolicies): readonly Request[] {
  if (recoveryKeysOf(vault).size === 0) return [];
  const parameter = vault.arn('ssm', `parameter/share-vault/${vault.environment}/recovery-keys`);
  const change = 'lambda:UpdateFunctionConfiguration';
  return [
    { name: 'ssm:PutParameter of the recovery keys', action: 'ssm:PutParameter', resource: parameter },
    ...(vault.function('seal') === undefined
      ? []
      : [{ name: `${change} seal`, action: change, resource: vault.function('seal')?.arn ?? '' }]),
  ];
}

function audiencesOf(vault: VaultPolicies): readonly string[] {
  const keys = v.parse(OTHER_KEYS, vault.function('unseal')?.environment[ELSEWHERE_ENV.otherKeys] ?? '[]');
  return [...new Set(keys.flatMap((key) => tokenAudience(key) ?? []))];
}

function token({
  audience,
  ...given
}: {
  readonly audience: readonly string[] | undefined;
  readonly seconds?: number | undefined;
  readonly algorithm?: string;
}): Facts {
  const { seconds, algorithm } = { seconds: IDENTITY_TOKEN_SECONDS, algorithm: 'RS256', ...given };
  return { input: { identityTokenAudience: audience, durationSeconds: seconds, signingAlgorithm: algorithm } };
}
