import { ENV } from '../../../lambda/contract/variables';
import { PolicyBook, unknownPolicies } from '../../emulator/deploy/policy-book';
import type { FunctionPart, StackTemplate } from '../../emulator/template';
import { FUNCTION_KEYS, isFunction } from '../../vault/functions';
import { EVERYTHING, isHelper, type Principal, session, shortName } from './principals';
import type { VaultPolicies } from './vault-policies';

/** A principal of a printed matrix. */
export interface NamedPrincipal extends Principal {
  /** the logical id of its role; undefined if the template lacks it */
  readonly logicalId: string | undefined;
  /** its policies that are not in the template: it may be allowed more than the matrix shows */
  readonly unknown: readonly string[];
}

/** An account that no policy of a vault names, for the row of a foreign administrator. */
const FOREIGN_ACCOUNTS = ['222222222222', '444444444444'];

/**
 * Returns the principals of a vault's template: each role, as the function that runs under it if there is one; then the
 * account's root user and administrator, a role without policies, and administrators of the accounts that the vault is
 * open to and of one that it is not open to.
 */
export function templatePrincipals(vault: VaultPolicies, template: StackTemplate): readonly NamedPrincipal[] {
  return [...withUniqueNames(rolePrincipals(template, vault.environment)), ...accountPrincipals(vault)];
}

function rolePrincipals(template: StackTemplate, environment: string): readonly NamedPrincipal[] {
  const book = new PolicyBook(template);
  const unknown = Map.groupBy(unknownPolicies(template), ({ logicalId }) => logicalId);
  const functions = template.functions();
  return template.roles().flatMap((role) => {
    const { policies = [], boundary, tags } = book.identity(role.arn) ?? {};
    const gaps = unknown.get(role.logicalId)?.map(({ type }) => type) ?? [];
    const known = { policies, boundary, ...(tags && { tags }), logicalId: role.logicalId, unknown: gaps };
    const runs = functions.filter(({ roleArn }) => roleArn === role.arn);
    if (runs.length === 0)
      return [{ ...session(withoutHash(role.logicalId), role.arn, accountOf(template)), ...known }];
    return runs.map((part) => ({
      ...session(functionLabel(part, environment), role.arn, accountOf(template)),
      ...known,
      functionArn: part.arn,
      inNetwork: book.endpointFor(part.arn, 'kms') !== undefined,
    }));
  });
}

function accountPrincipals(vault: VaultPolicies): readonly NamedPrincipal[] {
  const { account } = vault.place;
  const callers = vault.callerAccounts();
  const foreign = FOREIGN_ACCOUNTS.filter((id) => id !== account && !callers.includes(id)).slice(0, 1);
  const root = `arn:aws:iam::${account}:root`;
  const outside = { logicalId: undefined, unknown: [] };
  const stranger = session('role without policies', `arn:aws:iam::${account}:role/Stranger`, account);
  return [
    { name: 'root', arn: root, roleArn: root, account, policies: [EVERYTHING], inNetwork: false, ...outside },
    administrator('administrator', account),
    { ...stranger, policies: [], ...outside },
    ...callers.map((id) => administrator(`account ${id}`, id)),
    ...foreign.map((id) => administrator('other account', id)),
  ];
}

function administrator(name: string, account: string): NamedPrincipal {
  const roleArn = `arn:aws:iam::${account}:role/Administrator`;
  return { ...session(name, roleArn, account), policies: [EVERYTHING], logicalId: undefined, unknown: [] };
}

/**
 * Returns a function's name in the matrix: its short name if it is the CDK's or a vault's, after the environment of
 * another vault; else its logical id.
 */
function functionLabel(part: FunctionPart, environment: string): string {
  if (isHelper(part)) return shortName(part);
  const key = FUNCTION_KEYS.find((one) => isFunction(part, one));
  if (key === undefined) return withoutHash(part.logicalId);
  const other = part.environment[ENV.environment] ?? '';
  return other === environment ? key : `${other} ${key}`;
}

/** Returns a logical id without the hash at its end, which no reader remembers. */
function withoutHash(logicalId: string): string {
  return logicalId.replace(/(?<=.)[0-9A-F]{8}$/, '');
}

/** Gives principals of one name their logical ids instead. */
function withUniqueNames(principals: readonly NamedPrincipal[]): readonly NamedPrincipal[] {
  const byName = Map.groupBy(principals, ({ name }) => name);
  return principals.map((one) => {
    const twice = (byName.get(one.name)?.length ?? 0) > 1;
    return twice && one.logicalId !== undefined ? { ...one, name: one.logicalId } : one;
  });
}

function accountOf(template: StackTemplate): string {
  return template.resolver.deployment.account;
}
