import type { Policy } from '../../emulator/authorization';
import { type Ask, verdict } from './cell';
import { keyAsks } from './key-asks';
import { otherAsks } from './other-asks';
import type { Principal } from './principals';
import type { VaultPolicies } from './vault-policies';

/** Returns every request of the matrix. */
export function asksOf(vault: VaultPolicies): readonly Ask[] {
  return [...keyAsks(vault), ...otherAsks(vault)];
}

/** Returns the names of the requests that a principal is allowed; it is denied the others. */
export async function allowedTo(
  principal: Principal,
  asks: readonly Ask[],
  control?: readonly Policy[],
): Promise<readonly string[]> {
  const verdicts = await Promise.all(asks.map((asked) => verdict(asked, principal, control)));
  return asks.filter((_, index) => verdicts[index] === 'allow').map(({ name }) => name);
}
