import { type KeyObject, generateKeyPairSync, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import type {
  AuditResponse,
  AuditCensusResponse,
  AuditWalletsResponse,
  CensusGroup,
  PropertiesNotModifiedResponse,
  PropertiesResponse,
  RecordMetadata,
  ReplacePropertiesResponse,
  RevokeResponse,
  SealResponse,
  UnsealResponse,
} from '../../../lambda/contract/responses';
import type {
  AuditRequest,
  PropertiesRequest,
  ReplacePropertiesRequest,
  RevokeRequest,
  SealRequest,
  UnsealItem,
  UnsealRequest,
} from '../../../lambda/contract/requests';
import type {
  KeyHistory,
  ResealFailureFact,
  ResealFailuresResponse,
  ResealReceiptFact,
  ResealRunFact,
} from '../../../lambda/contract/reseal-runs';
import { FIELDS, KINDS, MATERIALS, type MaterialName } from '../../../lambda/contract/kinds';
import type {
  FinishReplayResponse,
  ReplayBucketResponse,
  ReplayRequest,
  ReplayResponse,
  Tombstone,
  TombstonesResponse,
} from '../../../lambda/contract/tombstones';
import { TRANSPORT_OUT } from '../../../lambda/contract/transport';
import { FakeWallet, type Stored } from './fake-wallet';
import { Fault } from './fault';
import { type Header, openInbound, toRecipient } from './jwe';
import type { Ledger } from './ledger';

export interface Caller {
  readonly actor: string;
  readonly requestId: string;
}

interface WalletName {
  readonly walletId: string;
  readonly chain: string;
}

/** Writes a material of a response. A hostile vault replaces it. */
export type Writer = (
  material: Uint8Array,
  header: Header,
  recipient: UnsealRequest['recipient'],
) => string | Promise<string>;

/** The members of an unseal that all items of a batch share. */
export type Unsealer = Omit<UnsealRequest, keyof UnsealItem>;

export const ENVIRONMENT = 'dev';
export const KEY_ARN = 'arn:aws:kms:eu-central-1:111122223333:key/share';
/** Wallets of a page. */
const PAGE_ROWS = 2;

/** Implements the vault's contract with real cryptography but without a database: materials stay in memory. */
export class FakeFunctions {
  readonly #intake = generateKeyPairSync('rsa', { modulusLength: 2048 });
  readonly #wallets = new Map<string, FakeWallet>();
  readonly kid = 'intake-1';
  /** headers of all transports that arrived and opened */
  readonly arrived: Header[] = [];
  write: Writer = toRecipient;
  /** what the census counts @default - the records that were sealed */
  groups: CensusGroup[] | undefined;
  /** what the census knows of keys @default - nothing, as a former release */
  keys: KeyHistory[] | undefined;
  /** by wallet */
  tombstones: Tombstone[] = [];
  readonly replays: ReplayRequest[] = [];
  /** pages of the bucket's tombstones */
  readonly pages: ReplayBucketResponse[] = [];
  /** what a restored database still waits for */
  missing: FinishReplayResponse['missing'];
  /** newest first */
  reseals: ResealRunFact[] = [];
  /** of the newest one, in the order of their records' ids */
  resealFailures: ResealFailureFact[] = [];
  receipts: ResealReceiptFact[] = [];

  get publicKey(): KeyObject {
    return this.#intake.publicKey;
  }

  ledgerOf(walletId: string): Ledger {
    return this.#wallet({ walletId, chain: 'EVM' }).ledger;
  }

  async seal(request: SealRequest, caller: Caller): Promise<SealResponse> {
    const { kind, walletId, chain, userId = '' } = request;
    const sent: Partial<Record<MaterialName, string>> = request.materials;
    const materials = new Map<MaterialName, Uint8Array>();
    const ids: unknown[] = [];
    for (const name of MATERIALS[kind]) {
      const { material, header } = await openInbound(sent[name] ?? '', this.#intake.privateKey);
      const { iat, jti, ...rest } = header;
      const field = FIELDS[name];
      const bound = { env: ENVIRONMENT, kind, field, walletId, userId, chain, kid: this.kid, typ: 'share-vault-in' };
      requireSame(rest, { ...bound, alg: 'RSA-OAEP-256', enc: 'A256GCM' });
      if (Math.abs(Date.now() / 1000 - Number(iat)) > 600) throw new Fault('TransportRejected', 'expected a fresh iat');
      this.arrived.push(header);
      materials.set(name, material);
      ids.push(jti);
    }
    return this.#store(request, caller, { materials, transportIds: ids.join() });
  }

  #store(request: SealRequest, caller: Caller, sealed: Pick<Stored, 'materials' | 'transportIds'>): SealResponse {
    const { kind, userId, publicKey, shareSetId, walletProperties, supersedes } = request;
    const wallet = this.#wallet(request);
    const live = wallet.live.get(kind);
    if (live?.transportIds === sealed.transportIds) return responseOf(live.facts);
    if (live?.facts.recordId !== supersedes) throw new Fault('Conflict', 'expected no live record, got one');
    if (walletProperties !== undefined) wallet.properties.write({ ...request, walletProperties });
    const made = { recordId: randomUUID(), keyId: KEY_ARN, algorithm: 'AES-256-GCM', accessCount: 0 };
    const facts = { ...made, kind, userId, publicKey, shareSetId, createdAt: new Date().toISOString() };
    wallet.live.set(kind, { ...sealed, facts, propertiesSha256: wallet.properties.newest?.sha256 });
    wallet.ledger.append({ action: 'seal', outcome: 'sealed', recordId: facts.recordId, ...caller });
    return responseOf(facts, supersedes);
  }

  replaceProperties(request: ReplacePropertiesRequest): ReplacePropertiesResponse {
    const { walletProperties: _, ...facts } = this.#wallet(request).properties.write(request);
    return facts;
  }

  async unseal(item: UnsealItem, unsealer: Unsealer, caller: Caller): Promise<UnsealResponse> {
    const { kind } = item;
    const wallet = this.#wallet(item);
    const live = wallet.live.get(kind);
    const outcome = wallet.revokedAt.has(kind) ? 'revoked' : live === undefined ? 'not-found' : 'granted';
    const { reason } = unsealer;
    wallet.ledger.append({ action: 'unseal', outcome, recordId: live?.facts.recordId, reason, ...caller });
    if (outcome === 'revoked') throw new Fault('Revoked', 'expected a wallet that was not revoked');
    if (live === undefined) throw new Fault('NotFound', 'expected a record, got none');

    const { recordId, publicKey } = live.facts;
    const accessCount = live.facts.accessCount + 1;
    wallet.live.set(kind, { ...live, facts: { ...live.facts, accessCount } });
    const propertiesChanged = live.propertiesSha256 !== wallet.properties.newest?.sha256;
    const written = await this.#encryptMaterials({ ...item, ...unsealer }, recordId, live.materials);
    return { recordId, kind, materials: written, publicKey, accessCount, propertiesChanged } as UnsealResponse;
  }

  async #encryptMaterials(request: UnsealRequest, record: string, materials: Stored['materials']) {
    const { walletId, chain, recipient, req } = request;
    const kid = await calculateJwkThumbprint({ ...recipient });
    const written: [MaterialName, string][] = [];
    for (const [name, material] of materials) {
      const bound = { env: ENVIRONMENT, record, field: FIELDS[name], walletId, chain, req };
      written.push([name, await this.write(material, { typ: TRANSPORT_OUT, kid, ...bound }, recipient)]);
    }
    return Object.fromEntries(written);
  }

  async revoke(request: RevokeRequest, caller: Caller): Promise<RevokeResponse> {
    const known = this.#wallets.has(nameOf(request));
    const wallet = this.#wallet(request);
    const kinds = request.kinds ?? KINDS;
    const revoked = kinds.filter((kind) => wallet.live.delete(kind)).length;
    const now = new Date().toISOString();
    for (const kind of kinds) if (!wallet.revokedAt.has(kind)) wallet.revokedAt.set(kind, now);
    wallet.ledger.append({ action: 'revoke', outcome: 'revoked', reason: request.reason, ...caller });
    return { revoked, unreadableAfter: now, known };
  }

  async properties(request: PropertiesRequest): Promise<PropertiesResponse | PropertiesNotModifiedResponse> {
    return this.#wallet(request).properties.read(request);
  }

  async audit(request: AuditRequest): Promise<AuditResponse> {
    if (request.action === 'wallets') return this.#page(request);
    if (request.action === 'census') return this.#census();
    if (request.action === 'tombstones') return this.#tombstonesAfter(request);
    if (request.action === 'reseals') return { reseals: this.reseals };
    if (request.action === 'reseal-failures') return this.#failuresOf(request);
    if (request.action === 'reseal-receipt') return this.#receiptOf(request.run);
    const wallet = this.#wallet(request);
    const records = [...wallet.live.values()].map(({ facts }): RecordMetadata => facts);
    const response = wallet.ledger.response(request, { records, ...wallet.revocations });
    if (response === undefined) throw new Fault('InvalidRequest', 'request: got an unknown member');
    return response;
  }

  #tombstonesAfter({ after }: Extract<AuditRequest, { action: 'tombstones' }>): TombstonesResponse {
    const later = this.tombstones.filter((each) => after === undefined || nameOf(each) > nameOf(after));
    const page = later.slice(0, PAGE_ROWS);
    const last = later.length > PAGE_ROWS ? page.at(-1) : undefined;
    const next = last && { walletId: last.walletId, chain: last.chain };
    return { tombstones: page, listedAt: new Date().toISOString(), ...(next && { next }) };
  }

  replay(request: ReplayRequest): ReplayResponse | ReplayBucketResponse | FinishReplayResponse {
    if (request.environment !== ENVIRONMENT) throw new Fault('InvalidRequest', 'expected this environment');
    this.replays.push(request);
    if (request.action === 'finish-replay')
      return this.missing ? { freezes: 0, missing: this.missing } : { freezes: 1 };
    if (request.action === 'replay-bucket')
      return this.pages.shift() ?? { applied: 0, known: 0, destroyed: 0, listedAt: new Date().toISOString() };
    return { applied: request.tombstones.length, known: 0, destroyed: request.tombstones.length };
  }

  #receiptOf(run: string): ResealReceiptFact {
    const receipt = this.receipts.find((each) => each.run === run);
    if (receipt === undefined) throw new Fault('NotFound', 'expected a run with a receipt, got another');
    return receipt;
  }

  #failuresOf({ run, after = '' }: Extract<AuditRequest, { action: 'reseal-failures' }>): ResealFailuresResponse {
    const failures = run === this.reseals[0]?.run ? this.resealFailures : [];
    const later = failures.filter(({ recordId }) => recordId > after);
    const page = later.slice(0, PAGE_ROWS);
    return { failures: page, ...(later.length > PAGE_ROWS && { next: page.at(-1)?.recordId }) };
  }

  #census(): AuditCensusResponse {
    if (this.groups !== undefined) return { groups: this.groups, ...(this.keys && { keys: this.keys }) };
    const records = [...this.#wallets.values()].flatMap(({ live }) => [...live.values()].map(({ facts }) => facts));
    const groups = KINDS.map((kind) => records.filter((record) => record.kind === kind))
      .filter(([first]) => first !== undefined)
      .map((list) => ({
        kind: list[0]?.kind ?? 'delegated-share',
        keyId: KEY_ARN,
        records: list.length,
        superseded: 0,
        oldest: list[0]?.createdAt ?? '',
      }));
    return { groups };
  }

  #page({ after, from = '', until }: Extract<AuditRequest, { action: 'wallets' }>): AuditWalletsResponse {
    const start = after === undefined ? '' : nameOf(after);
    const later = [...this.#wallets].filter(([name]) => name > start).sort(([a], [b]) => (a < b ? -1 : 1));
    const within = later.filter(([, { ledger }]) => ledger.between(from, until).length > 0);
    const page = within.slice(0, PAGE_ROWS).map(([, wallet]) => wallet);
    const next = within.length > PAGE_ROWS ? page.at(-1)?.name : undefined;
    return { wallets: page.map((wallet) => wallet.listed()), ...(next !== undefined && { next }) };
  }

  #wallet({ walletId, chain }: WalletName): FakeWallet {
    const name = nameOf({ walletId, chain });
    const wallet = this.#wallets.get(name) ?? new FakeWallet({ walletId, chain });
    this.#wallets.set(name, wallet);
    return wallet;
  }
}

function nameOf({ walletId, chain }: WalletName): string {
  return JSON.stringify([walletId, chain]);
}

function responseOf({ recordId, keyId, createdAt }: RecordMetadata, supersededRecordId?: string): SealResponse {
  return { recordId, keyId, createdAt, ...(supersededRecordId !== undefined && { supersededRecordId }) };
}

/** Returns whether an object has exactly these members and values. */
function requireSame(header: Header, expected: Header): void {
  const inOrder = (members: Header) => JSON.stringify(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1)));
  if (inOrder(header) !== inOrder(expected)) throw new Fault('TransportRejected', 'expected the header of the request');
}
