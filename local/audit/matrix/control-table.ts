import type { Policy } from '../../emulator/authorization';
import { allowedTo, requestsOf } from './matrix';
import { EVERYTHING, type Principal, session } from './principals';
import { align } from './grid';
import { ALLOW, DENY } from './table';
import type { VaultPolicies } from './vault-policies';

/** Returns what an administrator is allowed, and what service control policies leave of it, as lines. */
export async function controlTable(vault: VaultPolicies, control: readonly Policy[]): Promise<readonly string[]> {
  const requests = requestsOf(vault);
  const bound = boundPrincipals(vault);
  const without = await allowedTo(bound.admin, requests);
  const columns = await Promise.all(
    Object.entries(bound).map(async ([name, one]) => [`${name}/SCP`, await allowedTo(one, requests, control)] as const),
  );
  const mark = (names: readonly string[], request: string): string => (names.includes(request) ? ALLOW : DENY);
  return [
    'What an administrator is allowed, and what the sample service control policies leave of it',
    '',
    ...align([
      ['', 'admin', ...columns.map(([name]) => name)],
      ...without.map((request) => [request, ALLOW, ...columns.map(([, names]) => mark(names, request))]),
    ]),
  ];
}

/** Returns the principals that the sample service control policies bind, and those that they exempt. */
function boundPrincipals({ place: { account, region } }: VaultPolicies) {
  const named = (name: string, role: string): Principal => ({
    ...session(name, `arn:aws:iam::${account}:role/${role}`, account),
    policies: [EVERYTHING],
  });
  const root = `arn:aws:iam::${account}:root`;
  return {
    root: { name: 'root', arn: root, roleArn: root, account, policies: [EVERYTHING], inNetwork: false },
    admin: named('admin', 'Admin'),
    deploy: named('deploy', `cdk-sharevault-cfn-exec-role-${account}-${region}`),
    'break-glass': named('break-glass', 'share-vault-break-glass'),
  };
}
