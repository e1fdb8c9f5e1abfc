import { randomBytes } from 'node:crypto';
import { LambdaClient } from '@aws-sdk/client-lambda';
import type {
  AccessLogEntry,
  AuditRecordsResponse,
  AuditVerifyResponse,
  ChainPosition,
  PropertiesResponse,
  RevokeResponse,
  SealResponse,
} from '../lambda/contract/responses';
import type { AuditRequest, PropertiesRequest, RevokeRequest, UnsealRequest } from '../lambda/contract/requests';
import {
  readHeadResponse,
  readLogResponse,
  readPropertiesResponse,
  readRecordsResponse,
  readRevokeResponse,
  readSealResponse,
  readUnsealResponse,
  readVerifyResponse,
  rejected,
} from './responses';
import { type Invoke, invokerOf } from './invoke';
import { type Settings, type ShareVaultClientOptions, readOptions } from './options';
import { openMaterials } from './outbound';
import { UnsealedRecord } from './record';
import { createRecipient } from './recipient';
import {
  type CallOptions,
  type LogOptions,
  type PropertiesOptions,
  type RevokeInput,
  type SealInput,
  type UnsealInput,
  type VerifyOptions,
  type Wallet,
  requireKind,
  sealRequest,
} from './requests';
import { type VerifyRange, verifyInParts } from './verify';

/**
 * One actor's way into a vault. Each call is sent again, the same bytes, where the vault or the network says that this
 * may help; what fails in the end is a `ShareVaultError`. It writes no log, and keeps no material.
 */
export class ShareVaultClient implements Disposable {
  readonly #settings: Settings;
  readonly #invoke: Invoke;
  /** made here, hence closed here */
  readonly #own: LambdaClient | undefined;

  /** Throws one `TypeError` that names every bad option. */
  constructor(options: ShareVaultClientOptions) {
    this.#settings = readOptions(options);
    // one place retries: two would multiply
    const lambda = options.lambda ?? (this.#own = new LambdaClient({ maxAttempts: 1 }));
    this.#invoke = invokerOf(this.#settings, lambda);
  }

  /**
   * Seals a wallet's materials. They are encrypted once: whatever is sent again is the same, so a call whose response was
   * lost is answered with the record that it made. A new call is another: after a lost one it may end in `Conflict`.
   */
  async seal(input: SealInput, { signal }: CallOptions = {}): Promise<SealResponse> {
    return this.#invoke('seal', sealRequest(input, this.#settings), readSealResponse, signal);
  }

  /**
   * Opens a wallet's materials to a key pair made for this call alone. Throws `ResponseRejected` where the response differs
   * in anything from what was asked; what was opened until then is wiped.
   */
  async unseal(input: UnsealInput, { signal }: CallOptions = {}): Promise<UnsealedRecord> {
    const { kind, walletId, chain, userId, reason } = input;
    requireKind(kind);
    const recipient = await createRecipient(this.#settings.recipientCurve);
    const req = randomBytes(16).toString('base64url');
    const request: UnsealRequest = { kind, walletId, chain, userId, recipient: recipient.jwk, req, reason };
    const asked = { env: this.#settings.environment, walletId, chain, req };
    const open = async (json: unknown): Promise<UnsealedRecord> => {
      const response = readUnsealResponse(json);
      return new UnsealedRecord(response, await openMaterials(response, asked, recipient));
    };
    return this.#invoke('unseal', request, open, signal);
  }

  /** Destroys a wallet's records for good. A call sent again after a lost response counts none: they are gone already. */
  async revoke({ walletId, chain, reason }: RevokeInput, { signal }: CallOptions = {}): Promise<RevokeResponse> {
    return this.#invoke('revoke', { walletId, chain, reason } satisfies RevokeRequest, readRevokeResponse, signal);
  }

  /** A wallet's properties, which are not secret: the newest, or those of `version`. Opens nothing. */
  async properties(
    { walletId, chain }: Wallet,
    { version, signal }: PropertiesOptions = {},
  ): Promise<PropertiesResponse> {
    const request: PropertiesRequest = { walletId, chain, ...(version !== undefined && { version }) };
    return this.#invoke('properties', request, (response) => readPropertiesResponse(response, version), signal);
  }

  /** A wallet's access log from its beginning, or after `after`; pages are fetched as they are needed. */
  async *accessLog(
    wallet: Wallet,
    { after, signal }: LogOptions = {},
  ): AsyncGenerator<AccessLogEntry, void, undefined> {
    let position = after;
    do {
      const page = await this.#audit('log', wallet, readLogResponse, signal, { after: position });
      yield* page.entries;
      // a page that leads back would go round for ever
      if (page.next !== undefined && page.next <= (position ?? 0)) throw rejected('next: expected a later position');
      position = page.next;
    } while (position !== undefined);
  }

  /**
   * Has the vault verify a wallet's access log against its hash chain, in as many calls as that takes. To verify rows
   * without the vault's word for it, see `verifyLog`.
   */
  async verifyAccessLog(wallet: Wallet, options: VerifyOptions = {}): Promise<AuditVerifyResponse> {
    const ask = (range: VerifyRange): Promise<AuditVerifyResponse> => {
      const read = (response: unknown) => readVerifyResponse(response, range.after !== undefined);
      return this.#audit('verify', wallet, read, options.signal, range);
    };
    return verifyInParts(ask, options);
  }

  /** The last row of a wallet's access log, as the vault remembers it: keep it elsewhere to verify against later. */
  async accessLogHead(wallet: Wallet, { signal }: CallOptions = {}): Promise<ChainPosition> {
    const { length, head } = await this.#audit('head', wallet, readHeadResponse, signal);
    return { sequence: length, hash: head };
  }

  /** What the vault holds of a wallet, without its materials. */
  async records(wallet: Wallet, { signal }: CallOptions = {}): Promise<AuditRecordsResponse> {
    return this.#audit('records', wallet, readRecordsResponse, signal);
  }

  /** Closes the connections that this client opened, not those of a `lambda` that it was given. */
  close(): void {
    this.#own?.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #audit<T>(
    action: AuditRequest['action'],
    { walletId, chain }: Wallet,
    read: (response: unknown) => T,
    signal: AbortSignal | undefined,
    rows: VerifyRange = {},
  ): Promise<T> {
    return this.#invoke('audit', { action, walletId, chain, ...rows }, read, signal);
  }
}
