export type { ShareVaultClient } from '../client/index';
export type {
  Delegation,
  LocalCall,
  LocalCredentials,
  LocalFault,
  LocalVaultOptions,
  Question,
} from './vault/running/options';
export { startLocalVault } from './vault/running/start-local-vault';
export type { Operation, RunningVault } from './vault/running/vault';
