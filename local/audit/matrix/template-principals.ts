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
  const others = accountPrincipals(vault);
  return [...withUniqueNames(rolePrincipals(template, vault.environment), others), ...others];
}

interface Candidate {
  readonly principal: NamedPrincipal;
  /** the logical id of its function, or of its role */
  readonly id: string;
}

function rolePrincipals(template: StackTemplate, environment: string): readonly Candidate[] {
  const book = new PolicyBook(template);
  const unknown = Map.groupBy(unknownPolicies(template), ({ logicalId }) => logicalId);
  const functions = template.functions();
  return template.roles().flatMap((role) => {
    const { policies = [], boundary, tags } = book.identity(role.arn) ?? {};
    const gaps = unknown.get(role.logicalId)?.map(({ type }) => type) ?? [];
    const known = { policies, boundary, ...(tags && { tags }), logicalId: role.logicalId, unknown: gaps };
    const runs = functions.filter(({ roleArn }) => roleArn === role.arn);
    const sessionOf = (name: string) => session(name, role.arn, accountOf(template));
    if (runs.length === 0) {
      const principal = { ...sessionOf(withoutHash(role.logicalId)), ...known };
      return [{ principal, id: role.logicalId }];
    }
    return runs.map((part) => {
      const inNetwork = book.endpointFor(part.arn, 'kms') !== undefined;
      const principal = { ...sessionOf(functionLabel(part, environment)), ...known, functionArn: part.arn, inNetwork };
      return { principal, id: runs.length === 1 ? role.logicalId : part.logicalId };
    });
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

/** Gives principals of one name, or of the name of one of the others, their logical ids instead. */
function withUniqueNames(
  candidates: readonly Candidate[],
  others: readonly NamedPrincipal[],
): readonly NamedPrincipal[] {
  const taken = new Set(others.map(({ name }) => name));
  const byName = Map.groupBy(candidates, ({ principal }) => principal.name);
  return candidates.map(({ principal, id }) => {
    const isUnique = byName.get(principal.name)?.length === 1 && !taken.has(principal.name);
    const name = isUnique ? principal.name : id;
    return { ...principal, name: taken.has(name) ? `${name} (role)` : name };
  });
}

function accountOf(template: StackTemplate): string {
  return template.resolver.deployment.account;
}
