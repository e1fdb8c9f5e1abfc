import type { Policy } from '../../emulator/authorization';
import { type Request, verdict } from './cell';
import { keyRequests } from './key-requests';
import { identityTokenRequests, recoveryKeyRequests } from './keys-elsewhere';
import { otherRequests } from './other-requests';
import type { Principal } from './principals';
import type { VaultPolicies } from './vault-policies';

/** Returns every request of the matrix. */
export function requestsOf(vault: VaultPolicies): readonly Request[] {
  const { place } = vault;
  const requests = [
    ...keyRequests(vault),
    ...identityTokenRequests(vault),
    ...otherRequests(vault),
    ...recoveryKeyRequests(vault),
  ];
  return requests.map((request) => ({ ...request, place }));
}

/** Returns the names of the requests that a principal is allowed; it is denied the others. */
export async function allowedTo(
  principal: Principal,
  requests: readonly Request[],
  control?: readonly Policy[],
): Promise<readonly string[]> {
  const verdicts = await Promise.all(requests.map((request) => verdict(request, principal, control)));
  return requests.filter((_, index) => verdicts[index] === 'allow').map(({ name }) => name);
}
