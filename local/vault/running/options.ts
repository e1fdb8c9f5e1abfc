/** Options of `startLocalVault`. */
export interface LocalVaultOptions {
  /** path of `NAME.template.json` from `cdk synth`, with its assets beside it @default - the packaged template of `dev` */
  readonly template?: string;
  /** path of a cloud assembly, such as `cdk.out`, instead of a template @default - `template` */
  readonly app?: string;
  /** names of the app's stacks to deploy, with those that they need @default - all */
  readonly stacks?: readonly string[];
  /** values of the stacks' parameters, by `NAME` or `STACK:NAME` @default - the parameters' defaults */
  readonly parameters?: Readonly<Record<string, string>>;
  /** values in Parameter Store that no stack publishes, by name @default - none */
  readonly ssmParameters?: Readonly<Record<string, string>>;
  /** values of secrets that no stack creates, by name or ARN @default - none */
  readonly secrets?: Readonly<Record<string, string>>;
  /** a data folder that is kept after the run @default - a temporary folder, removed at the end */
  readonly dataDir?: string;
  /** the port of the AWS endpoint @default - a free one */
  readonly port?: number;
  /** the port of the webhook @default - a free one */
  readonly webhookPort?: number;
  /** false: verifies signatures, but evaluates no policies @default true */
  readonly authorization?: boolean;
  /** the longest wait of a state machine, in seconds: longer ones end then @default - as the machine says */
  readonly longestWaitSeconds?: number;
  /** receives each call of a function when it has ended, those of triggers included @default - none */
  readonly onCall?: (call: LocalCall) => void;
  /** receives a line for each step of the start @default - none */
  readonly log?: (line: string) => void;
}

/** A call of a function that has ended: nothing of its payload, of its result or of an error's message. */
export interface LocalCall {
  /** the time of its end, in ISO 8601 */
  readonly at: string;
  /** the function's name */
  readonly function: string;
  /** the alias: for a vault's functions, the actor */
  readonly qualifier?: string | undefined;
  /** `error`: the function failed, or its HTTP status is 400 or more; `refused`: it did not run */
  readonly outcome: 'ok' | 'error' | 'refused';
  /** the error's type, such as `NotFound` or `AccessDeniedException` */
  readonly code?: string | undefined;
  /** the HTTP status of a webhook's response */
  readonly status?: number | undefined;
  readonly milliseconds: number;
}

export interface LocalCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** A wallet that a user delegates, with its materials. */
export interface Delegation {
  readonly walletId: string;
  readonly userId: string;
  /** @default 'EVM' */
  readonly chain?: string;
  /** the wallet's address @default - a random one */
  readonly publicKey?: string;
  readonly delegatedShare: Uint8Array;
  readonly walletApiKey: Uint8Array;
}

/** A fault of a stand-in for a service outside AWS. */
export interface LocalFault {
  /**
   * `throttled` (429), `failing` (503), `denied` (403), `missing` (404), `dropping` (the connection is cut), `hanging` (no
   * response), `not-json`, or `changed`: one character of each ciphertext, plaintext and value is another one
   */
  readonly fault: 'throttled' | 'failing' | 'denied' | 'missing' | 'dropping' | 'hanging' | 'not-json' | 'changed';
  /** the number of requests that get it @default - all */
  readonly times?: number;
  /** a part of the host and path of these requests, such as `:decrypt` @default - all */
  readonly path?: string;
}

/** A call to decide on. */
export interface Question {
  /** the logical id, name or ARN of a role, `administrator`, `root`, or a service's host name */
  readonly principal: string;
  readonly action: string;
  /** a logical id or an ARN */
  readonly resource: string;
  /** condition keys (names with a colon) and pairs of the encryption context (all other names) @default - none */
  readonly context?: Readonly<Record<string, string>>;
}
