import { join } from 'node:path';
import { BODY_PREFIX, type VaultLogin, type VaultPlace } from '../../../lambda/contract/elsewhere';
import type { StandInsOf } from '../../emulator/deploy';
import {
  type AwsRole,
  KeyValue,
  type JwtRole,
  LocalVaultServer,
  type LoginMethod,
  type Policy,
  type SecretsEngine,
  Transit,
  TransitFile,
  createAwsLogin,
  createJwtLogin,
} from '../../emulator/elsewhere/vault';
import { requireVault } from '../functions';
import { type BodyRight, type Right, type Uses, bodiesOf, usesOf } from './uses';

/** What one function may do below a mount. */
interface VaultUse {
  readonly description: VaultPlace & { readonly login: VaultLogin };
  readonly roleArn: string;
  /** the key of a transit engine; a mount without one is a key-value engine */
  readonly key?: string;
  /** paths below the mount */
  readonly policy: Policy;
}

/** Lifetime of tokens, in seconds, as in docs/keys/vault.md. */
const TOKEN_TTL = 900;
const OPERATIONS: Readonly<Record<Right, string>> = { wrap: 'encrypt', unwrap: 'decrypt' };

const BODY_POLICIES: Readonly<Record<BodyRight, (folder: string) => Policy>> = {
  create: (folder) => ({ [`data/${folder}/*`]: ['create'] }),
  read: (folder) => ({ [`data/${folder}/*`]: ['read'] }),
  destroy: (folder) => ({ [`metadata/${folder}/*`]: ['delete'] }),
  list: (folder) => ({ [`metadata/${folder}`]: ['list'] }),
};

/**
 * Returns a stand-in for each HashiCorp Vault of a template's keys and bodies, with these keys. The roles that the template names
 * are bound to the functions' roles, and each has only its right.
 */
export function vaultStandIns({ keys, bodies }: Uses, of: StandInsOf): readonly LocalVaultServer[] {
  const ofKeys = usesOf(keys, 'vault-transit').map(({ description, right, roleArn }): VaultUse => {
    const { key } = description;
    // `create` would make a key of a mistyped name
    return { description, roleArn, key, policy: { [`${OPERATIONS[right]}/${key}`]: ['update'] } };
  });
  const ofBodies = bodiesOf(bodies, 'vault-kv').map(({ description, right, roleArn }): VaultUse => {
    // a template without bodies may have no vault
    const folder = BODY_PREFIX.path(requireVault(of.template)).replace(/\/$/, '');
    return { description, roleArn, policy: BODY_POLICIES[right](folder) };
  });
  const byAddress = Map.groupBy([...ofKeys, ...ofBodies], ({ description }) => description.address);
  return [...byAddress].map(
    ([address, used]) =>
      new LocalVaultServer({
        addresses: [address],
        engines: enginesOf(address, used, of.dir),
        logins: loginsOf(used, of),
        policies: policiesOf(used),
      }),
  );
}

function enginesOf(address: string, used: readonly VaultUse[], dir: string): Readonly<Record<string, SecretsEngine>> {
  const { host } = new URL(address);
  return Object.fromEntries(
    [...Map.groupBy(used, mountOf)].map(([mount, ofMount]): readonly [string, SecretsEngine] => {
      const path = join(dir, `${host} ${mount}`.replaceAll(/[^A-Za-z0-9.-]/g, '_'));
      const keys = ofMount.flatMap(({ key }) => key ?? []);
      return [mount, keys.length === 0 ? new KeyValue(`${path}.entries.json`) : transitOf(keys, `${path}.keys.json`)];
    }),
  );
}

function transitOf(keys: readonly string[], path: string): Transit {
  const file = new TransitFile(path);
  const engine = new Transit(file.read(), (changed) => file.write(changed));
  for (const key of keys) engine.create(key);
  return engine;
}

function loginsOf(used: readonly VaultUse[], of: StandInsOf): Readonly<Record<string, LoginMethod>> {
  const byMount = Map.groupBy(used, ({ description }) => inNamespace(description, description.login.mount));
  return Object.fromEntries([...byMount].map(([mount, ofMount]) => [mount, loginOf(ofMount, of)]));
}

/** A mount has one method: its roles in the template all log in by it. */
function loginOf(used: readonly VaultUse[], { issuer, callerIdentity }: StandInsOf): LoginMethod {
  const [first] = used.map(({ description }) => description.login);
  if (first?.method === 'aws') {
    const { serverId } = first;
    return createAwsLogin({ roles: rolesOf(used, awsRole), check: callerIdentity, ...(serverId && { serverId }) });
  }
  return createJwtLogin(rolesOf(used, jwtRole), issuer);
}

function rolesOf<R>(
  used: readonly VaultUse[],
  roleOf: (login: VaultLogin, arns: readonly string[], policies: readonly string[]) => R,
): Readonly<Record<string, R>> {
  const byRole = Map.groupBy(used, ({ description }) => description.login.role);
  return Object.fromEntries(
    [...byRole].flatMap(([name, ofRole]) => {
      const [login] = ofRole.map(({ description }) => description.login);
      const arns = [...new Set(ofRole.map(({ roleArn }) => roleArn))];
      return login === undefined ? [] : [[name, roleOf(login, arns, [...new Set(ofRole.map(policyName))])]];
    }),
  );
}

/** `bound_subject` takes one role only, the bound claim `sub` several. */
function jwtRole(login: VaultLogin, sub: readonly string[], policies: readonly string[]): JwtRole {
  const boundAudiences = login.method === 'jwt' ? [login.audience] : [];
  return { boundAudiences, boundClaims: { sub }, policies, ttl: TOKEN_TTL };
}

/** A signed request names a role without its path. */
function awsRole(_login: VaultLogin, arns: readonly string[], policies: readonly string[]): AwsRole {
  const boundPrincipals = arns.map((arn) => arn.replace(/:role\/.*\//, ':role/'));
  return { boundPrincipals, policies, ttl: TOKEN_TTL };
}

function policiesOf(used: readonly VaultUse[]): Readonly<Record<string, Policy>> {
  return Object.fromEntries(used.map((use) => [policyName(use), rulesOf(use)]));
}

function policyName(use: VaultUse): string {
  const rules = Object.entries(rulesOf(use)).map(([path, capabilities]) => `${path}-${capabilities.join('-')}`);
  return rules.join('-').replaceAll('/', '-');
}

function rulesOf(use: VaultUse): Policy {
  const rules = Object.entries(use.policy).map(
    ([path, capabilities]) => [`${mountOf(use)}/${path}`, capabilities] as const,
  );
  return Object.fromEntries(rules);
}

function mountOf({ description }: VaultUse): string {
  return inNamespace(description, description.mount);
}

function inNamespace({ namespace }: VaultUse['description'], path: string): string {
  return namespace === undefined ? path : `${namespace}/${path}`;
}
