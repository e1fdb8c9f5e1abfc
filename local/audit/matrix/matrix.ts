import type { Policy } from '../../emulator/authorization';
import { type Ask, verdict } from './cell';
import { keyAsks } from './key-asks';
import { otherAsks } from './other-asks';
import type { Principal } from './principals';
import type { VaultPolicies } from './vault-policies';

/** Everything that the matrix asks of a vault. */
export function asksOf(vault: VaultPolicies): readonly Ask[] {
  return [...keyAsks(vault), ...otherAsks(vault)];
}

/** The names of what a principal is allowed, of all that is asked; the rest it is denied. */
export async function allowedTo(
  principal: Principal,
  asks: readonly Ask[],
  control?: readonly Policy[],
): Promise<readonly string[]> {
  const verdicts = await Promise.all(asks.map((asked) => verdict(asked, principal, control)));
  return asks.filter((_, index) => verdicts[index] === 'allow').map(({ name }) => name);
}
