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
import {
  AUDIT_REQUEST,
  type AuditRequest,
  PROPERTIES_REQUEST,
  REVOKE_REQUEST,
  SEAL_REQUEST,
  UNSEAL_REQUEST,
} from '../lambda/contract/requests';
import { readArguments } from './arguments';
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
  sealRequest,
} from './requests';
import { type VerifyRange, verifyInParts } from './verify';

/**
 * A client of a vault, as one actor. If a call fails in a way that a retry may help, the same bytes are sent again. A call
 * that fails in the end throws `ShareVaultError`. The client writes no log and stores no material.
 */
export class ShareVaultClient implements Disposable {
  readonly #settings: Settings;
  readonly #invoke: Invoke;
  /** created here, so closed here */
  readonly #own: LambdaClient | undefined;

  /** Throws one `TypeError` that names every bad option. */
  constructor(options: ShareVaultClientOptions) {
    this.#settings = readOptions(options);
    // only this client retries: two retrying layers would multiply
    const lambda = options.lambda ?? (this.#own = new LambdaClient({ maxAttempts: 1 }));
    this.#invoke = invokerOf(this.#settings, lambda);
  }

  /**
   * Seals a wallet's materials. They are encrypted once and each retry sends the same bytes, so a retry after a lost
   * response returns the record that the first attempt made. A new call is another seal: after a lost response it may end
   * in `Conflict`.
   */
  async seal(input: SealInput, { signal }: CallOptions = {}): Promise<SealResponse> {
    const request = readArguments(SEAL_REQUEST, sealRequest(input, this.#settings), 'seal');
    return this.#invoke('seal', request, readSealResponse, signal);
  }

  /**
   * Opens a wallet's materials with a key pair that exists for this call only. Throws `ResponseRejected` if the response
   * differs from the request in anything; materials opened until then are wiped.
   */
  async unseal(input: UnsealInput, { signal }: CallOptions = {}): Promise<UnsealedRecord> {
    const recipient = await createRecipient(this.#settings.recipientCurve);
    const req = randomBytes(16).toString('base64url');
    const request = readArguments(UNSEAL_REQUEST, { ...input, recipient: recipient.jwk, req }, 'unseal');
    const { walletId, chain } = request;
    const requested = { env: this.#settings.environment, walletId, chain, req };
    const open = async (json: unknown): Promise<UnsealedRecord> => {
      const response = readUnsealResponse(json);
      return new UnsealedRecord(response, await openMaterials(response, requested, recipient));
    };
    return this.#invoke('unseal', request, open, signal);
  }

  /** Destroys a wallet's records permanently. A retry after a lost response returns 0: they are destroyed already. */
  async revoke(input: RevokeInput, { signal }: CallOptions = {}): Promise<RevokeResponse> {
    return this.#invoke('revoke', readArguments(REVOKE_REQUEST, input, 'revoke'), readRevokeResponse, signal);
  }

  /** Returns a wallet's properties, by default the newest version. They are not secret; nothing is opened. */
  async properties(
    { walletId, chain }: Wallet,
    { version, signal }: PropertiesOptions = {},
  ): Promise<PropertiesResponse> {
    const request = readArguments(PROPERTIES_REQUEST, { walletId, chain, version }, 'properties');
    return this.#invoke('properties', request, (response) => readPropertiesResponse(response, version), signal);
  }

  /** Returns a wallet's access log from its beginning, or after `after`; pages are fetched lazily. */
  async *accessLog(
    wallet: Wallet,
    { after, signal }: LogOptions = {},
  ): AsyncGenerator<AccessLogEntry, void, undefined> {
    let position = after;
    do {
      const page = await this.#audit('log', wallet, readLogResponse, signal, { after: position });
      yield* page.entries;
      // a page that leads back would repeat forever
      if (page.next !== undefined && page.next <= (position ?? 0)) throw rejected('next: expected a later position');
      position = page.next;
    } while (position !== undefined);
  }

  /**
   * Lets the vault verify a wallet's access log against its hash chain, in as many calls as needed. To verify rows without
   * trusting the vault, see `verifyLog`.
   */
  async verifyAccessLog(wallet: Wallet, options: VerifyOptions = {}): Promise<AuditVerifyResponse> {
    const verify = (range: VerifyRange): Promise<AuditVerifyResponse> => {
      const read = (response: unknown) => readVerifyResponse(response, range.after !== undefined);
      return this.#audit('verify', wallet, read, options.signal, range);
    };
    return verifyInParts(verify, options);
  }

  /** Returns the last row of a wallet's access log by the vault's memory: store it elsewhere, to verify against it later. */
  async accessLogHead(wallet: Wallet, { signal }: CallOptions = {}): Promise<ChainPosition> {
    const { length, head } = await this.#audit('head', wallet, readHeadResponse, signal);
    return { sequence: length, hash: head };
  }

  /** Lists a wallet's records, without materials. */
  async records(wallet: Wallet, { signal }: CallOptions = {}): Promise<AuditRecordsResponse> {
    return this.#audit('records', wallet, readRecordsResponse, signal);
  }

  /** Closes the connections that this client opened, but not those of the option `lambda`. */
  close(): void {
    this.#own?.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #audit<T>(
    action: AuditRequest['action'],
    { walletId, chain }: Wallet,
    read: (response: unknown) => T,
    signal: AbortSignal | undefined,
    rows: VerifyRange = {},
  ): Promise<T> {
    const request = readArguments(AUDIT_REQUEST, { action, walletId, chain, ...rows }, action);
    return this.#invoke('audit', request, read, signal);
  }
}
