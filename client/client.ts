import { LambdaClient } from '@aws-sdk/client-lambda';
import type {
  AccessLogEntry,
  ArchivedRows,
  AuditRecordsResponse,
  AuditVerifyResponse,
  ChainPosition,
  ListedWallet,
  PropertiesResponse,
  ReplacePropertiesResponse,
  RevokeResponse,
  SealResponse,
} from '../lambda/contract/responses';
import {
  AUDIT_REQUEST,
  PROPERTIES_REQUEST,
  type PropertiesRequest,
  REPLACE_PROPERTIES_REQUEST,
  REVOKE_REQUEST,
  UNSEAL_REQUEST,
} from '../lambda/contract/requests';
import { readArguments, readKnownArguments } from './arguments';
import type { Settled } from './batch';
import { type EnvironmentOptions, readEnvironment } from './from-environment';
import { LazyIntakeKeys, holdMaterials } from './lazy-intake-keys';
import {
  readHeadResponse,
  readPropertiesResponse,
  readRecordsResponse,
  readReplacePropertiesResponse,
  readRevalidatedResponse,
  readRevokeResponse,
  readSealResponse,
  readVerifyResponse,
} from './responses';

import { type Invoke, invokerOf } from './invoke';
import { type Audit, listLog, listWallets } from './listing';
import { MaintenanceClient } from './maintenance';
import { createOneTime, openRecord } from './one-time';
import { type Settings, type ShareVaultClientOptions, readOptions } from './options';
import { type FetchProperties, PropertiesCache } from './properties-cache';
import type { UnsealedRecord } from './record';
import type {
  CachedPropertiesOptions,
  CallOptions,
  LogOptions,
  PropertiesOptions,
  ReplacePropertiesInput,
  RevokeInput,
  SealInput,
  SealOptions,
  ServerKeySharesInput,
  UnsealInput,
  UnsealItemInput,
  UnsealManyOptions,
  VerifyOptions,
  Wallet,
  WalletsOptions,
} from './requests';
import { prepareSeals, sendSeals } from './seal-many';
import { sealRequest } from './seal-request';
import { unsealMany } from './unseal-many';
import type { UnsealedBatch } from './unsealed-batch';
import { type VerifyRange, verifyInParts } from './verify';

/**
 * A client of a vault, as one actor. If a call fails in a way that a retry may help, the same bytes are sent again. A call
 * that fails in the end throws `ShareVaultError`. The client writes no log and stores no material.
 */
export class ShareVaultClient extends MaintenanceClient implements Disposable {
  #settings: Settings;
  readonly #invoke: Invoke;
  /** created here, so closed here */
  readonly #own: LambdaClient | undefined;
  readonly #cache: PropertiesCache;
  readonly #lazyKeys: LazyIntakeKeys | undefined;

  /**
   * Creates a client from the variables that `vault.connect` set, or, if `environment` and `actor` are given, from the
   * vault's parameters. Throws one `TypeError` or `LookupFailed` that names every missing or malformed one.
   */
  static async fromEnvironment(options: EnvironmentOptions = {}): Promise<ShareVaultClient> {
    return new ShareVaultClient(await readEnvironment(options));
  }

  /** Throws one `TypeError` that names every bad option. */
  constructor(options: ShareVaultClientOptions) {
    const settings = readOptions(options);
    const { region, fetchIntakeKeys, environment, functions, propertiesCache } = settings;
    // only this client retries: two retrying layers would multiply
    const lambda = options.lambda ?? new LambdaClient({ maxAttempts: 1, ...(region && { region }) });
    const invoke = invokerOf(settings, lambda);
    super(invoke, functions);
    this.#settings = settings;
    this.#own = options.lambda === undefined && lambda instanceof LambdaClient ? lambda : undefined;
    this.#lazyKeys = fetchIntakeKeys && new LazyIntakeKeys(fetchIntakeKeys);
    this.#invoke = invoke;
    this.#cache = new PropertiesCache(propertiesCache, [environment, functions.properties ?? ''], (...asked) =>
      this.#fetchProperties(...asked),
    );
  }

  /**
   * Seals a wallet's materials. They are encrypted once and each retry sends the same bytes, so a retry after a lost
   * response returns the record that the first attempt made. A new call is another seal, unless it has the first one's
   * `idempotencyKey`: after a lost response it may end in `Conflict`.
   */
  async seal(input: SealInput, { signal, idempotencyKey }: SealOptions = {}): Promise<SealResponse> {
    return this.#withIntakeKeys([input], signal, async ([own = input]) => {
      const request = sealRequest(own, this.#settings, idempotencyKey);
      return this.#changing([request], () => this.#invoke('seal', request, readSealResponse, signal));
    });
  }

  /** Seals a wallet's server key shares, as `seal` does for each kind. */
  async sealServerKeyShares(input: ServerKeySharesInput, options: SealOptions = {}): Promise<SealResponse> {
    const { serverKeyShares, accountAddress, ...facts } = input;
    const record = {
      ...facts,
      kind: 'server-key-shares' as const,
      publicKey: accountAddress,
      materials: { serverKeyShares },
    };
    return this.seal(record, options);
  }

  /**
   * Seals up to 100 records in as few calls as their size allows. A record that can't be sealed does not affect the others. The
   * materials are encrypted before the call returns its promise.
   */
  async sealMany(
    items: readonly SealInput[],
    { signal, idempotencyKey }: SealOptions = {},
  ): Promise<readonly Settled<SealResponse>[]> {
    return this.#withIntakeKeys(items, signal, async (own) => {
      const batch = prepareSeals(own, this.#settings, idempotencyKey);
      const wallets = batch.flatMap((request) => (request.ok ? [request.value] : []));
      return this.#changing(wallets, () => sendSeals(batch, this.#settings.retry, this.#invoke, signal));
    });
  }

  /**
   * Opens a wallet's materials with a key pair that exists for this call only. Throws `ResponseRejected` if the response
   * differs from the request in anything; materials opened until then are wiped.
   */
  async unseal(input: UnsealInput, { signal }: CallOptions = {}): Promise<UnsealedRecord> {
    const oneTime = await createOneTime(this.#settings.recipientCurve);
    const { recipient, req } = oneTime;
    const request = readArguments(UNSEAL_REQUEST, { ...input, recipient: recipient.jwk, req }, 'unseal');
    const open = (json: unknown) => openRecord(json, request, oneTime, this.#settings.environment);
    return this.#invoke('unseal', request, open, signal);
  }

  /** Opens a wallet's server key shares, as `unseal` does for each kind. */
  async unsealServerKeyShares(input: Omit<UnsealInput, 'kind'>, options: CallOptions = {}): Promise<UnsealedRecord> {
    return this.unseal({ ...input, kind: 'server-key-shares' }, options);
  }

  /**
   * Opens up to 100 records for one reason. A record that can't be opened does not affect the others. Each has its row in its
   * wallet's access log.
   */
  async unsealMany(items: readonly UnsealItemInput[], options: UnsealManyOptions): Promise<UnsealedBatch> {
    return unsealMany(items, options, this.#settings, this.#invoke);
  }

  /** Destroys a wallet's records permanently. A retry after a lost response returns 0: they are destroyed already. */
  async revoke(input: RevokeInput, { signal }: CallOptions = {}): Promise<RevokeResponse> {
    // a revocation must get through: also that of an object with other members, such as a wallet's. But `kind` is no
    // member of it, and its caller means one kind
    if ('kind' in Object(input)) throw new TypeError('arguments of revoke: kind: expected kinds, a list, got kind');
    const request = readKnownArguments(REVOKE_REQUEST, input, 'revoke');
    return this.#changing([request], () => this.#invoke('revoke', request, readRevokeResponse, signal));
  }

  /** Returns a wallet's properties, by default the newest version. They are not secret; nothing is opened. */
  async properties(
    { walletId, chain }: Wallet,
    { version, signal }: PropertiesOptions = {},
  ): Promise<PropertiesResponse> {
    const request = readArguments(PROPERTIES_REQUEST, { walletId, chain, version }, 'properties');
    return this.#invoke('properties', request, (response) => readPropertiesResponse(response, version), signal);
  }

  /**
   * Returns a wallet's properties as `properties` does, from the cache while they are younger than its time limit. Then the vault
   * is asked whether they changed.
   */
  async walletProperties(wallet: Wallet, options: CachedPropertiesOptions = {}): Promise<PropertiesResponse> {
    return this.#cache.read(wallet, options);
  }

  /**
   * Replaces a wallet's properties, without a seal. Throws `VersionConflict` if the wallet has another version than
   * `expectedVersion`, and `StaleWalletProperties` if backup information would be lost.
   */
  async replaceWalletProperties(
    input: ReplacePropertiesInput,
    { signal }: CallOptions = {},
  ): Promise<ReplacePropertiesResponse> {
    const action = { ...input, action: 'replace-properties' };
    const request = readArguments(REPLACE_PROPERTIES_REQUEST, action, 'replaceWalletProperties');
    const read = (response: unknown) => readReplacePropertiesResponse(response, request.walletProperties);
    return this.#changing([request], () => this.#invoke('seal', request, read, signal));
  }

  /** Lists the vault's wallets, or those with rows of the access log in a span of time; pages are fetched lazily. */
  wallets(options: WalletsOptions = {}): AsyncGenerator<ListedWallet, void, undefined> {
    return listWallets(this.#audit, options);
  }

  /** Returns a wallet's access log from its beginning, after `after`, or in a span of time; pages are fetched lazily. */
  accessLog(wallet: Wallet, options: LogOptions = {}): AsyncGenerator<AccessLogEntry, void, undefined> {
    return listLog(this.#audit, wallet, options);
  }

  /**
   * Lets the vault verify a wallet's access log against its hash chain, in as many calls as needed. To verify rows without
   * trusting the vault, see `verifyLog`.
   */
  async verifyAccessLog({ walletId, chain }: Wallet, options: VerifyOptions = {}): Promise<AuditVerifyResponse> {
    const verify = (range: VerifyRange): Promise<AuditVerifyResponse> => {
      const read = (response: unknown) => readVerifyResponse(response, range.after !== undefined);
      return this.#audit({ action: 'verify', walletId, chain, ...range }, read, options.signal);
    };
    return verifyInParts(verify, options);
  }

  /** Returns the last row of a wallet's access log by the vault's memory: store it elsewhere, to verify against it later. */
  async accessLogHead({ walletId, chain }: Wallet, { signal }: CallOptions = {}): Promise<ChainPosition> {
    const { length, head } = await this.#audit({ action: 'head', walletId, chain }, readHeadResponse, signal);
    return { sequence: length, hash: head };
  }

  /** Returns the rows of a wallet's access log that were archived, by spans: `accessLog` returns those after them. */
  async archivedLog({ walletId, chain }: Wallet, { signal }: CallOptions = {}): Promise<readonly ArchivedRows[]> {
    const { archived = [] } = await this.#audit({ action: 'head', walletId, chain }, readHeadResponse, signal);
    return archived;
  }

  /** Lists a wallet's records, without materials. */
  async records({ walletId, chain }: Wallet, { signal }: CallOptions = {}): Promise<AuditRecordsResponse> {
    return this.#audit({ action: 'records', walletId, chain }, readRecordsResponse, signal);
  }

  /** Closes the connections that this client opened, but not those of the option `lambda`. */
  close(): void {
    this.#own?.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Calls a seal that encrypts before it returns its promise, once the intake keys are there. */
  async #withIntakeKeys<T>(
    inputs: readonly SealInput[],
    signal: AbortSignal | undefined,
    seal: (inputs: readonly SealInput[]) => Promise<T>,
  ): Promise<T> {
    // inputs that are no list are refused when they are read
    const isReady = this.#settings.intakeKeys.length > 0 || !Array.isArray(inputs);
    if (this.#lazyKeys === undefined || isReady) return seal(inputs);
    const held = holdMaterials(inputs);
    try {
      const intakeKeys = await this.#lazyKeys.get(signal);
      this.#settings = { ...this.#settings, intakeKeys };
      const sealed = seal(held.inputs);
      held.wipe();
      return await sealed;
    } finally {
      held.wipe();
    }
  }

  readonly #audit: Audit = async (request, read, signal) =>
    this.#invoke('audit', readArguments(AUDIT_REQUEST, request, request.action), read, signal);

  async #fetchProperties(
    ...[wallet, version, known, signal]: Parameters<FetchProperties>
  ): Promise<PropertiesResponse> {
    if (known === undefined) return this.properties(wallet, { version, signal });
    const { walletId, chain } = wallet;
    const request = { walletId, chain, ifNoneMatch: known.sha256 } satisfies PropertiesRequest;
    const read = (response: unknown) => readRevalidatedResponse(response, known);
    return this.#invoke('properties', request, read, signal);
  }

  /** Makes a call, and forgets the cached properties of its wallets: also if it fails, since it may have had its effect. */
  async #changing<T>(wallets: readonly Wallet[], call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } finally {
      await Promise.all(wallets.map((wallet) => this.#cache.forget(wallet)));
    }
  }
}
