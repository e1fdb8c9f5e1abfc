export type { ItemFailed, Settled } from './batch';
export type { PropertiesCacheOptions } from './cache-options';
export { ShareVaultClient } from './client';
export { type ClientErrorCode, ShareVaultError } from './errors';
export { type IntakeKeyOptions, fetchIntakeKeys } from './fetch-intake-keys';
export type { EnvironmentOptions } from './from-environment';
export type { ConfirmThawInput, FreezeInput, RequestThawInput } from './freezing';
export type { FetchIntakeKeys } from './lazy-intake-keys';
export type { ParameterStore } from './lookup';
export type { IntakeJwk, IntakeKeyOption } from './intake-key';
export type { FunctionKey, ShareVaultClientOptions } from './options';
export type { PropertiesStore } from './properties-store';
export { UnsealedRecord } from './record';
export type { RecipientCurve } from './recipient';
export type {
  CachedPropertiesOptions,
  CallOptions,
  LogOptions,
  MaterialKind,
  MaterialsOf,
  PropertiesOptions,
  ReplacePropertiesInput,
  RevokeInput,
  SealInput,
  SealInputOf,
  SealOptions,
  ServerKeySharesInput,
  TimeSpan,
  UnsealInput,
  UnsealItemInput,
  UnsealManyOptions,
  VerifyOptions,
  VerifyProgress,
  VerifyRowsOptions,
  Wallet,
  WalletsOptions,
} from './requests';
export { UnsealedBatch } from './unsealed-batch';
export { type LogItem, type LogVerification, verifyLog } from './verify';
export type {
  AccessLogEntry,
  ArchivedRows,
  AuditCensusResponse,
  AuditRecordsResponse,
  CensusGroup,
  AuditVerifyResponse,
  ChainPosition,
  ListedWallet,
  LogProblem,
  PropertiesResponse,
  RecordMetadata,
  ReplacePropertiesResponse,
  RevokeResponse,
  SealResponse,
} from '../lambda/contract/responses';
export type { ResealFailureFact, ResealReceiptFact, ResealRunFact } from '../lambda/contract/reseal-runs';
export type {
  FreezeFact,
  FreezeResponse,
  FreezeScope,
  FreezesResponse,
  RequestThawResponse,
  ThawResponse,
} from '../lambda/contract/freezes';
export type { FinishReplayInput, ReplayBucketInput, ReplayInput, TombstonesOptions } from './maintenance';
export type {
  FinishReplayResponse,
  ReplayBucketResponse,
  ReplayResponse,
  Tombstone,
  TombstonesResponse,
} from '../lambda/contract/tombstones';
export type { ErrorCode } from '../lambda/contract/codes';
export { CHAIN_START, type ChainProblem, ChainVerifier, entryHash } from '../lambda/contract/chain';
