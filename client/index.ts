export { ShareVaultClient } from './client';
export { type ClientErrorCode, ShareVaultError } from './errors';
export type { IntakeKeyOption } from './intake-key';
export type { FunctionKey, ShareVaultClientOptions } from './options';
export { UnsealedRecord } from './record';
export type { RecipientCurve } from './recipient';
export type {
  CallOptions,
  LogOptions,
  MaterialKind,
  PropertiesOptions,
  RevokeInput,
  SealInput,
  UnsealInput,
  VerifyOptions,
  VerifyProgress,
  Wallet,
} from './requests';
export { type LogVerification, verifyLog } from './verify';
export type {
  AccessLogEntry,
  AuditRecordsResponse,
  AuditVerifyResponse,
  ChainPosition,
  LogProblem,
  PropertiesResponse,
  RecordMetadata,
  RevokeResponse,
  SealResponse,
} from '../lambda/contract/responses';
export type { ErrorCode } from '../lambda/contract/codes';
export { CHAIN_START, type ChainProblem, ChainVerifier, entryHash } from '../lambda/contract/chain';
