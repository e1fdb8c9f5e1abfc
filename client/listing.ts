import type { AccessLogEntry, ListedWallet } from '../lambda/contract/responses';
import type { ResealFailureFact } from '../lambda/contract/reseal-runs';
import type { TombstonesResponse } from '../lambda/contract/tombstones';
import type { AuditRequest } from '../lambda/contract/requests';
import type { LogOptions, Wallet, WalletsOptions } from './requests';
import {
  readLogResponse,
  readResealFailuresResponse,
  readTombstonesResponse,
  readWalletsResponse,
  rejected,
} from './responses';

/** Calls the function `audit`, once the request fits its schema. */
export type Audit = <T>(
  request: { readonly action: AuditRequest['action']; readonly [member: string]: unknown },
  read: (response: unknown) => T,
  signal: AbortSignal | undefined,
) => Promise<T>;

/** Returns a wallet's access log, page by page. */
export async function* listLog(
  audit: Audit,
  { walletId, chain }: Wallet,
  { after, from, until, signal }: LogOptions,
): AsyncGenerator<AccessLogEntry, void, undefined> {
  let position = after;
  do {
    const request = { action: 'log' as const, walletId, chain, after: position, from, until };
    const page = await audit(request, readLogResponse, signal);
    yield* page.entries;
    // a page that leads back would repeat forever
    if (page.next !== undefined && page.next <= (position ?? 0)) throw rejected('next: expected a later position');
    position = page.next;
  } while (position !== undefined);
}

/** Returns the vault's wallets, page by page. */
export async function* listWallets(
  audit: Audit,
  { after, from, until, signal }: WalletsOptions,
): AsyncGenerator<ListedWallet, void, undefined> {
  let position = after && { walletId: after.walletId, chain: after.chain };
  do {
    const request = { action: 'wallets' as const, after: position, from, until };
    const page = await audit(request, readWalletsResponse, signal);
    yield* page.wallets;
    if (page.next !== undefined && isSame(page.next, position)) throw rejected('next: expected a later wallet');
    position = page.next;
  } while (position !== undefined);
}

/** Returns the records that a run could not reseal, page by page. */
export async function* listResealFailures(
  audit: Audit,
  run: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<ResealFailureFact, void, undefined> {
  let position: string | undefined;
  do {
    const request = { action: 'reseal-failures' as const, run, after: position };
    const page = await audit(request, readResealFailuresResponse, signal);
    yield* page.failures;
    if (page.next !== undefined && page.next <= (position ?? '')) throw rejected('next: expected a later record');
    position = page.next;
  } while (position !== undefined);
}

/** Returns the tombstones of wallets, page by page. */
export async function* listTombstones(
  audit: Audit,
  { since, signal }: { readonly since?: string; readonly signal?: AbortSignal | undefined },
): AsyncGenerator<TombstonesResponse, void, undefined> {
  let position: Wallet | undefined;
  do {
    const request = { action: 'tombstones' as const, after: position, since };
    const page = await audit(request, readTombstonesResponse, signal);
    yield page;
    if (page.next !== undefined && isSame(page.next, position)) throw rejected('next: expected a later wallet');
    position = page.next;
  } while (position !== undefined);
}

function isSame(a: Wallet, b: Wallet | undefined): boolean {
  return a.walletId === b?.walletId && a.chain === b.chain;
}
