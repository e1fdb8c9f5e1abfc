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
  Wallet,
} from './requests';
export type {
  AccessLogEntry,
  AuditRecordsAnswer,
  AuditRowProblem,
  AuditVerifyAnswer,
  ErrorCode,
  PropertiesAnswer,
  RecordMetadata,
  RevokeAnswer,
  SealAnswer,
} from '../lambda/api';
