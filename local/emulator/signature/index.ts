export type { Clock, Credential, Credentials, Principal } from './credential';
export {
  type DatabaseLogin,
  type TokenDecision,
  type TokenRefusal,
  type TokenVerification,
  verifyDatabaseToken,
} from './database-token';
export { type Protocol, type RefusalName, SignatureRefusal } from './refusals';
export { type Session, type SessionOptions, Sessions } from './sessions';
export { type ReceivedRequest, type Verification, verifyRequest } from './verify-request';
