import type { ErrorCode } from '../contract/codes';
import type { VaultError } from '../contract/errors';
import { CANARY_FACTS, PROVEN_FACTS } from '../contract/restore-checks';
import { asVaultError } from './failure';
import type { RestoreCall, RestoreCheckParts } from './restore-checks';
import { openFacts } from './sealed-facts';

/** The newest successful restore test. */
export interface LastProven {
  /** its time, as it is sealed; undefined without one */
  readonly at: Date | undefined;
  /** the newest success that is stored was not written by this function */
  readonly tampering: VaultError | undefined;
}

const DAY_MS = 86_400_000;
const TAMPERING: ReadonlySet<ErrorCode> = new Set(['ContextMismatch', 'MessageCorrupt']);

/**
 * Returns the time of the newest successful test. If its sealed bytes don't open, since the share key of that time is disabled
 * or the row was written by hand, the newest canary remembers the time.
 */
export async function lastProven(call: RestoreCall, parts: RestoreCheckParts): Promise<LastProven> {
  const { deadline } = call;
  const newest = await parts.checks.test(undefined, deadline);
  if (newest === undefined) return { at: undefined, tampering: undefined };
  const { restoreJobId, facts, sealed = Buffer.alloc(0) } = newest;
  try {
    const { at } = await openFacts(restoreJobId, { facts, sealed }, PROVEN_FACTS, parts, deadline.signal);
    return { at: new Date(at), tampering: undefined };
  } catch (error) {
    const failure = requireLasting(error);
    return { at: await rememberedTime(call, parts), tampering: TAMPERING.has(failure.name) ? failure : undefined };
  }
}

async function rememberedTime({ deadline }: RestoreCall, parts: RestoreCheckParts): Promise<Date | undefined> {
  const canary = await parts.checks.newest(undefined, deadline);
  if (canary === undefined) return undefined;
  try {
    const { provenAt } = await openFacts(canary.id, canary, CANARY_FACTS, parts, deadline.signal);
    return provenAt === undefined ? undefined : new Date(provenAt);
  } catch (error) {
    requireLasting(error);
    return undefined;
  }
}

/** Returns the failure if the same bytes fail again. Throws every other one. */
function requireLasting(error: unknown): VaultError {
  const failure = asVaultError(error);
  if (failure.name === 'KeyUnavailable' || TAMPERING.has(failure.name)) return failure;
  throw failure;
}

/**
 * Returns the whole days since the newest successful test; without one, since the first canary. Throws `ContextMismatch` or
 * `MessageCorrupt` if the newest one was written by hand.
 */
export async function daysSince(
  { at, tampering }: LastProven,
  { deadline }: RestoreCall,
  { checks }: RestoreCheckParts,
): Promise<number> {
  if (tampering !== undefined) throw tampering;
  const { at: now, firstCanaryAt = now } = await checks.holdings(undefined, deadline);
  return Math.max(0, Math.floor((now.getTime() - (at ?? firstCanaryAt).getTime()) / DAY_MS));
}
