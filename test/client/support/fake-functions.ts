import { type KeyObject, createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import type {
  AuditResponse,
  PropertiesResponse,
  RecordMetadata,
  RevokeResponse,
  SealResponse,
  UnsealResponse,
} from '../../../lambda/contract/responses';
import type {
  AuditRequest,
  PropertiesRequest,
  RevokeRequest,
  SealRequest,
  UnsealRequest,
} from '../../../lambda/contract/requests';
import { FIELDS, MATERIALS, type MaterialName } from '../../../lambda/contract/kinds';
import { TRANSPORT_OUT } from '../../../lambda/contract/transport';
import { type Header, openInbound, toRecipient } from './jwe';
import { Ledger } from './ledger';

/** A function's error, as Lambda returns it. */
export class Fault extends Error {
  constructor(
    readonly errorType: string | undefined,
    message: string,
  ) {
    super(message);
  }
}

interface Stored {
  readonly facts: RecordMetadata;
  readonly materials: ReadonlyMap<MaterialName, Uint8Array>;
  readonly transportIds: string;
}

interface Held {
  readonly ledger: Ledger;
  live: Stored | undefined;
  /** the first version first */
  readonly properties: PropertiesResponse[];
  revokedAt: string | undefined;
}

export interface Caller {
  readonly actor: string;
  readonly requestId: string;
}

interface Wallet {
  readonly walletId: string;
  readonly chain: string;
}

/** Writes a material of a response. A hostile vault replaces it. */
export type Writer = (
  material: Uint8Array,
  header: Header,
  recipient: UnsealRequest['recipient'],
) => string | Promise<string>;

export const ENVIRONMENT = 'dev';
export const KEY_ARN = 'arn:aws:kms:eu-central-1:111122223333:key/share';

/** Implements the vault's contract with real cryptography but without a database: materials stay in memory. */
export class FakeFunctions {
  readonly #intake = generateKeyPairSync('rsa', { modulusLength: 2048 });
  readonly #wallets = new Map<string, Held>();
  readonly kid = 'intake-1';
  /** headers of all transports that arrived and opened */
  readonly arrived: Header[] = [];
  write: Writer = toRecipient;

  get publicKey(): KeyObject {
    return this.#intake.publicKey;
  }

  ledgerOf(walletId: string): Ledger {
    return this.#held({ walletId, chain: 'EVM' }).ledger;
  }

  async seal(request: SealRequest, caller: Caller): Promise<SealResponse> {
    const { kind, walletId, chain, materials, userId = '', supersedes } = request;
    const opened = new Map<MaterialName, Uint8Array>();
    const ids: unknown[] = [];
    for (const name of MATERIALS[kind]) {
      const { material, header } = await openInbound(materials[name], this.#intake.privateKey);
      const { iat, jti, ...rest } = header;
      const field = FIELDS[name];
      const bound = { env: ENVIRONMENT, kind, field, walletId, userId, chain, kid: this.kid, typ: 'share-vault-in' };
      requireSame(rest, { ...bound, alg: 'RSA-OAEP-256', enc: 'A256GCM' });
      if (Math.abs(Date.now() / 1000 - Number(iat)) > 600) throw new Fault('TransportRejected', 'expected a fresh iat');
      this.arrived.push(header);
      opened.set(name, material);
      ids.push(jti);
    }
    return this.#store(request, caller, { materials: opened, transportIds: ids.join() }, supersedes);
  }

  #store(
    request: SealRequest,
    caller: Caller,
    sealed: Pick<Stored, 'materials' | 'transportIds'>,
    supersedes: string | undefined,
  ): SealResponse {
    const held = this.#held(request);
    if (held.live?.transportIds === sealed.transportIds) return responseOf(held.live.facts);
    if (held.live?.facts.recordId !== supersedes) throw new Fault('Conflict', 'expected no live record, got one');
    const { kind, userId, publicKey, shareSetId, walletProperties } = request;
    const made = { recordId: randomUUID(), keyId: KEY_ARN, algorithm: 'AES-256-GCM', accessCount: 0 };
    const facts = { ...made, kind, userId, publicKey, shareSetId, createdAt: new Date().toISOString() };
    held.live = { ...sealed, facts };
    if (walletProperties !== undefined) {
      const sha256 = createHash('sha256').update(walletProperties).digest('hex');
      held.properties.push({
        version: held.properties.length + 1,
        walletProperties,
        sha256,
        createdAt: facts.createdAt,
      });
    }
    held.ledger.append({ action: 'seal', outcome: 'sealed', recordId: facts.recordId, ...caller });
    return responseOf(facts, supersedes);
  }

  async unseal(request: UnsealRequest, caller: Caller): Promise<UnsealResponse> {
    const held = this.#held(request);
    const { live } = held;
    const outcome = held.revokedAt === undefined ? (live === undefined ? 'not-found' : 'granted') : 'revoked';
    const { reason, kind } = request;
    held.ledger.append({ action: 'unseal', outcome, recordId: live?.facts.recordId, reason, ...caller });
    if (outcome === 'revoked') throw new Fault('Revoked', 'expected a wallet that was not revoked');
    if (live === undefined) throw new Fault('NotFound', 'expected a record, got none');

    const { recordId, publicKey, accessCount } = live.facts;
    held.live = { ...live, facts: { ...live.facts, accessCount: accessCount + 1 } };
    const materials = await this.#encryptMaterials(request, recordId, live.materials);
    return { recordId, kind, materials, publicKey, accessCount: accessCount + 1 };
  }

  async #encryptMaterials(request: UnsealRequest, record: string, materials: Stored['materials']) {
    const { walletId, chain, recipient, req } = request;
    const kid = await calculateJwkThumbprint({ ...recipient });
    const write = (name: MaterialName) => {
      const bound = { env: ENVIRONMENT, record, field: FIELDS[name], walletId, chain, req };
      return this.write(materials.get(name) ?? new Uint8Array(), { typ: TRANSPORT_OUT, kid, ...bound }, recipient);
    };
    return { delegatedShare: await write('delegatedShare'), walletApiKey: await write('walletApiKey') };
  }

  async revoke(request: RevokeRequest, caller: Caller): Promise<RevokeResponse> {
    const held = this.#held(request);
    const revoked = held.live === undefined ? 0 : 1;
    held.live = undefined;
    held.revokedAt ??= new Date().toISOString();
    held.ledger.append({ action: 'revoke', outcome: 'revoked', reason: request.reason, ...caller });
    return { revoked, unreadableAfter: held.revokedAt };
  }

  async properties(request: PropertiesRequest): Promise<PropertiesResponse> {
    const { properties } = this.#held(request);
    const found = properties.at((request.version ?? 0) - 1);
    if (found === undefined) throw new Fault('NotFound', 'expected properties, got none');
    return found;
  }

  async audit(request: AuditRequest): Promise<AuditResponse> {
    const { ledger, live, revokedAt } = this.#held(request);
    const response = ledger.response(request, live === undefined ? [] : [live.facts], revokedAt);
    if (response === undefined) throw new Fault('InvalidRequest', 'request: got an unknown member');
    return response;
  }

  #held({ walletId, chain }: Wallet): Held {
    const place = JSON.stringify([walletId, chain]);
    const held = this.#wallets.get(place) ?? {
      ledger: new Ledger({ walletId, chain }),
      properties: [],
      live: undefined,
      revokedAt: undefined,
    };
    this.#wallets.set(place, held);
    return held;
  }
}

function responseOf({ recordId, keyId, createdAt }: RecordMetadata, supersededRecordId?: string): SealResponse {
  return { recordId, keyId, createdAt, ...(supersededRecordId !== undefined && { supersededRecordId }) };
}

/** Returns whether an object has exactly these members and values. */
function requireSame(header: Header, expected: Header): void {
  const inOrder = (members: Header) => JSON.stringify(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1)));
  if (inOrder(header) !== inOrder(expected)) throw new Fault('TransportRejected', 'expected the header of the request');
}
