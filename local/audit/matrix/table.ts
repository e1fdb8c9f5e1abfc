import type { Policy } from '../../emulator/authorization';
import { allowedTo, requestsOf } from './matrix';
import { exemptPrincipals, functionRoles, otherPrincipals } from './principals';
import type { VaultPolicies } from './vault-policies';

/** Columns of the first table: the most important requests, under short names. */
const COLUMNS: readonly (readonly [string, string])[] = [
  ['wrap', 'kms:GenerateDataKey share key, right'],
  ['unwrap', 'kms:Decrypt share key, right'],
  ['intake', 'kms:Decrypt intake key, right'],
  ['webhook', 'kms:Decrypt webhook key, right'],
  ['seal', 'lambda:InvokeFunction seal:backend'],
  ['unseal', 'lambda:InvokeFunction unseal:backend'],
  ['other', 'lambda:InvokeFunction unseal:partner'],
  ['$LATEST', 'lambda:InvokeFunction unseal:$LATEST'],
  ['login', 'rds-db:connect vault_unsealer'],
  ['secret', 'secretsmanager:GetSecretValue master secret'],
  ['sign', 'secretsmanager:GetSecretValue signing secret'],
  ['code', 'lambda:UpdateFunctionCode unseal'],
  ['policy', 'kms:PutKeyPolicy share key, with the lockout check'],
  ['role', "sts:AssumeRole unseal's role"],
];

/** Principals to show under the service control policies: bound ones and exempt ones. */
const BOUND: readonly string[] = ['root', 'admin', 'deploy', 'break-glass'];

const ALLOW = 'ALLOW';
const DENY = '-';

/** Returns the matrix as text: the most important requests for all principals, then those an administrator is allowed. */
export async function renderMatrix(vault: VaultPolicies, control: readonly Policy[]): Promise<string> {
  const requests = requestsOf(vault);
  const everyone = [...functionRoles(vault), ...otherPrincipals(vault)];
  const rows = await Promise.all(everyone.map(async (one) => [one.name, await allowedTo(one, requests)] as const));
  const bound = [...everyone, ...exemptPrincipals()].filter(({ name }) => BOUND.includes(name));
  const closed = await Promise.all(
    bound.map(async (one) => [`${one.name}/SCP`, await allowedTo(one, requests, control)] as const),
  );
  const columns = new Map([...rows, ...closed]);
  const shown = ['root', 'admin', ...BOUND.map((name) => `${name}/SCP`)];
  const allowed = rows.reduce((sum, [, names]) => sum + names.length, 0);
  return [
    `${vault.environment}: ${requests.length} requests by ${everyone.length} principals, ${requests.length * everyone.length} cells, ${allowed} of them ${ALLOW}`,
    '',
    ...align([
      ['', ...COLUMNS.map(([title]) => title)],
      ...rows.map(([name, names]) => [name, ...COLUMNS.map(([, request]) => mark(names.includes(request)))]),
    ]),
    '',
    ...COLUMNS.map(([title, request]) => `${title.padEnd(10)}  ${request}`),
    '',
    'What an administrator is allowed, and what the sample service control policies leave of it',
    '',
    ...align([
      ['', ...shown],
      ...(columns.get('admin') ?? []).map((request) => [
        request,
        ...shown.map((name) => mark(columns.get(name)?.includes(request) ?? false)),
      ]),
    ]),
  ].join('\n');
}

function mark(allowed: boolean): string {
  return allowed ? ALLOW : DENY;
}

/** Aligns cells to columns, as wide as their widest cell, with two spaces between. */
function align(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
