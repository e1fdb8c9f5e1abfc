import { join } from 'node:path';
import type { VaultLogin } from '../../../lambda/contract/elsewhere';
import type { StandInsOf } from '../../emulator/deploy';
import {
  type AwsRole,
  type JwtRole,
  LocalVaultServer,
  type LoginMethod,
  type Policy,
  Transit,
  TransitFile,
  createAwsLogin,
  createJwtLogin,
} from '../../emulator/elsewhere/vault';
import { type KeyUse, type Right, usesOf } from './uses';

type VaultUse = ReturnType<typeof transitUses>[number];

const transitUses = (uses: readonly KeyUse[]) => usesOf(uses, 'vault-transit');

/** Lifetime of tokens, in seconds, as in docs/keys/vault.md. */
const TOKEN_TTL = 900;
const OPERATIONS: Readonly<Record<Right, string>> = { wrap: 'encrypt', unwrap: 'decrypt' };

/**
 * Returns a stand-in for each HashiCorp Vault of a template's keys, with these keys. The roles that the template names
 * are bound to the functions' roles, and each has only its right.
 */
export function vaultStandIns(uses: readonly KeyUse[], of: StandInsOf): readonly LocalVaultServer[] {
  const byAddress = Map.groupBy(transitUses(uses), ({ description }) => description.address);
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

function enginesOf(address: string, used: readonly VaultUse[], dir: string): Readonly<Record<string, Transit>> {
  const { host } = new URL(address);
  return Object.fromEntries(
    [...Map.groupBy(used, mountOf)].map(([mount, ofMount]) => {
      const name = `${host} ${mount}`.replaceAll(/[^A-Za-z0-9.-]/g, '_');
      const file = new TransitFile(join(dir, `${name}.keys.json`));
      const engine = new Transit(file.read(), (keys) => file.write(keys));
      for (const { description } of ofMount) engine.create(description.key);
      return [mount, engine];
    }),
  );
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
  // `create` would make a key of a mistyped name
  return Object.fromEntries(used.map((use) => [policyName(use), { [pathOf(use)]: ['update'] }]));
}

function policyName(use: VaultUse): string {
  return pathOf(use).replaceAll('/', '-');
}

function pathOf(use: VaultUse): string {
  return `${mountOf(use)}/${OPERATIONS[use.right]}/${use.description.key}`;
}

function mountOf({ description }: VaultUse): string {
  return inNamespace(description, description.mount);
}

function inNamespace({ namespace }: VaultUse['description'], path: string): string {
  return namespace === undefined ? path : `${namespace}/${path}`;
}
