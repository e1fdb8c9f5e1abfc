import type { ShareVaultClient } from '../../../client/index';
import type { Delegation, LocalCredentials, LocalFault, Question } from './options';

/** The functions that a vault's callers invoke. */
export type Operation = 'seal' | 'unseal' | 'revoke' | 'properties' | 'audit' | 'freeze' | 'thaw';

/** A vault that runs on this machine, for tests of a backend. */
export interface RunningVault extends AsyncDisposable {
  /** variables by which SDKs and the `aws` command line call this vault as an administrator, by a profile of its own */
  readonly env: Readonly<Record<string, string>>;
  /** the vault's environment, such as `dev` */
  readonly environment: string;
  readonly region: string;
  /** 12 digits */
  readonly account: string;
  /** the functions' names, such as those of `seal` and `receive` */
  readonly functions: Readonly<Record<string, string>>;
  /** the webhook's settings for Dynamic's console. Throws if the template has no webhook. */
  readonly webhook: {
    /** the address for deliveries */
    readonly url: string;
    /** the secret that signs deliveries */
    readonly secret: string;
    /** the key to which materials are encrypted, SPKI in PEM, and its name */
    readonly publicKey: string;
    readonly kid: string;
  };
  /** Returns the first actor that may call all of these functions. Throws if none may. */
  actor(...operations: readonly Operation[]): string;
  /** Returns `env` and the variables that `ShareVaultClient.fromEnvironment` reads, for an actor. Throws if it is unknown. */
  envOf(actor: string): Readonly<Record<string, string>>;
  /** Returns a client that calls as an actor. Throws if it is unknown. */
  client(actor: string): ShareVaultClient;
  /** Posts what Dynamic posts when a user delegates a wallet, and returns the vault's response. */
  deliver(delegation: Delegation): Promise<{ readonly status: number; readonly code: string }>;
  /** Returns credentials of a role of the template, by logical id, name or ARN. Throws if there is no such role. */
  credentialsOf(role: string): LocalCredentials;
  /** Decides on a call by the template's policies, and returns each policy's part as lines. */
  explain(question: Question): Promise<{ readonly allowed: boolean; readonly lines: readonly string[] }>;
  /** Runs a rule of EventBridge now, by its logical id or name: schedules do not run here. */
  fire(rule: string): Promise<void>;
  /**
   * Sets the fault of a stand-in for a service outside AWS, such as `google`, for the requests that follow; without one,
   * removes it. Throws if the vault has no such stand-in.
   */
  setFault(standIn: string, fault?: LocalFault): Promise<void>;
  /** Stops the vault and removes a temporary folder. Further calls do nothing. */
  close(): Promise<void>;
}
