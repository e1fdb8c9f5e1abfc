import type { CanaryFacts, KeepResponse } from '../contract/restore-checks';
import { digestOfHeads } from './heads-digest';
import { daysSince, lastProven } from './last-proven';
import type { RestoreCall, RestoreCheckParts } from './restore-checks';
import { newCanaryId, sealFacts } from './sealed-facts';

/**
 * Seals a canary into the vault's own database: random bytes, and counts and heads of the database. The next backup has it. The days
 * are counted after it, so that a result that was written by hand prevents no canary.
 */
export async function keepCanary(call: RestoreCall, parts: RestoreCheckParts): Promise<KeepResponse> {
  const { checks } = parts;
  const { deadline } = call;
  const last = await lastProven(call, parts);
  const { at, wallets, records } = await checks.holdings(undefined, deadline);
  const heads = await digestOfHeads(at, checks, deadline);
  const facts: Omit<CanaryFacts, 'sha256'> = {
    type: 'canary',
    version: 1,
    at: at.toISOString(),
    wallets,
    records,
    heads,
    ...(last.at !== undefined && { provenAt: last.at.toISOString() }),
  };
  const canary = newCanaryId();
  await checks.keep(canary, await sealFacts(canary, facts, parts, deadline.signal), deadline);
  return { canary, daysSinceRestoreTest: await daysSince(last, call, parts) };
}
