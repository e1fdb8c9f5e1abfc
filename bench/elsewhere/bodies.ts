import { randomUUID } from 'node:crypto';
import { type BodyStoreDescription, ELSEWHERE_ENV } from '../../lambda/contract/elsewhere';
import { region, signedHeaders } from '../../lambda/remote/aws';
import { type Wallet, sealEvents, unsealEvent } from './events';
import { type Variables, loadHandler } from './handler';
import { type Rounds, takeTurns } from './rounds';
import { type SentRequest, requestsOf, sendBare } from './sent-request';
import type { ElsewhereVault } from './vault-process';

/** One round: a call without and with a body store, and the bare requests to the store. */
export type BodyRounds = Rounds<'without' | 'with' | 'requests'>;

/** few: the stand-ins write all of their entries at each change */
const SEALS = { rounds: 80, warmUp: 20 };
const UNSEALS = { rounds: 200, warmUp: 60 };

/** What seals took, and a wallet with a record that is in the database as a whole. */
export interface BodySeals {
  readonly rounds: BodyRounds;
  readonly whole: Wallet;
}

/** Measures what a body store adds to a warm seal, on one database and one KMS. */
export async function measureBodySeals(vault: ElsewhereVault): Promise<BodySeals> {
  const { seal } = vault.functions;
  const [without, withBody] = [await loadHandler('seal', seal), await loadHandler('elsewhere/seal', seal, roomy(seal))];
  const events = sealEvents(vault, 2 * (SEALS.rounds + SEALS.warmUp) + 3);
  const whole = events.pop() as Wallet;
  await Promise.all([without(whole), withBody(events.pop())]);
  let recordId = '';
  const requests = await requestsOf(async () => {
    ({ recordId } = (await withBody(events.pop())) as { readonly recordId: string });
  });
  const stored = requests.filter(isOfStore);
  const rounds = await takeTurns(
    {
      without: () => without(events.pop()),
      with: () => withBody(events.pop()),
      requests: () => storeBare(stored, recordId),
    },
    SEALS,
  );
  return { rounds, whole: { walletId: whole.walletId, chain: whole.chain } };
}

/** Measures what a body store adds to a warm unseal: of the vault's record, beside one that is in the database as a whole. */
export async function measureBodyUnseals(vault: ElsewhereVault & { readonly whole: Wallet }): Promise<BodyRounds> {
  const { unseal } = vault.functions;
  const [without, withBody] = [await loadHandler('unseal', unseal), await loadHandler('elsewhere/unseal', unseal)];
  const [whole, cut] = [unsealEvent(vault.whole), unsealEvent(vault.wallet)];
  await Promise.all([without(whole), withBody(cut)]);
  const requests = (await requestsOf(() => withBody(cut))).filter(isOfStore);
  return takeTurns(
    {
      without: () => without(whole),
      with: () => withBody(cut),
      requests: () => Promise.all(requests.map(sendBare)),
    },
    UNSEALS,
  );
}

/** The local vault's store takes few entries. */
function roomy({ env }: ElsewhereVault['functions']['seal']): Variables {
  const description = JSON.parse(env[ELSEWHERE_ENV.bodyStore] ?? '{}') as BodyStoreDescription;
  return { [ELSEWHERE_ENV.bodyStore]: JSON.stringify({ ...description, maxRecords: 100_000 }) };
}

const isOfStore = ({ headers }: SentRequest): boolean => !String(headers['x-amz-target']).startsWith('TrentService.');

/** Stores a body of another record: an entry is made once. The requests of one record follow each other. */
async function storeBare(requests: readonly SentRequest[], recordId: string): Promise<void> {
  const fresh = randomUUID();
  for (const request of requests) await sendBare(await withId(request, recordId, fresh));
}

async function withId(request: SentRequest, from: string, to: string): Promise<SentRequest> {
  const url = new URL(request.url.href.replaceAll(from, to));
  const body = Buffer.from(request.body.toString().replaceAll(from, to));
  const { 'x-amz-target': target, 'content-type': type } = request.headers;
  if (target === undefined) return { ...request, url, body };
  // the signature covers the name
  const headers = { 'content-type': String(type), 'x-amz-target': String(target) };
  const signed = await signedHeaders({ service: 'secretsmanager', region: region(), url, headers, body });
  return { ...request, url, body, headers: { ...signed, 'content-length': body.length } };
}
