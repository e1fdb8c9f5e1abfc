import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';

/** Options of every function of a vault. */
export interface FunctionOptions {
  /**
   * Memory in MiB, 128 to 10,240. A function's share of a processor grows with it.
   *
   * @default 512
   */
  readonly memorySize?: number;

  /**
   * Number of executions reserved for each function that callers invoke, at least 1. It is also the function's maximum.
   * The whole limit of a new account is 10, and a part of it must stay unreserved: any number fails to deploy there.
   *
   * @default - what `reserveConcurrency` says
   */
  readonly reservedConcurrency?: number;

  /**
   * Whether executions are reserved for each function that callers invoke so that all of them together never need more
   * connections than the database has: up to 392 in all, by the database's `maxCapacity`. `false` reserves none, for an
   * account whose quota is too low: then calls fail with `StoreUnavailable` while no connection is free. Has no effect with
   * `reservedConcurrency`.
   *
   * @default - true, but false for `dev`
   */
  readonly reserveConcurrency?: boolean;

  /**
   * A configuration that makes Lambda check at each deploy that the code was signed with its profiles. It needs
   * `signedCode`: this package's own code is uploaded unsigned, and Lambda would refuse it.
   *
   * @default - code is not checked
   */
  readonly codeSigningConfig?: lambda.ICodeSigningConfig;

  /**
   * Archives in S3 with the code of each handler, by the handler's name: `seal`, `unseal`, `revoke`, `properties`,
   * `audit`, `freeze`, `thaw`, `migrate`, `reseal` unless the vault has a body store, `receive`
   * with a webhook, and `restore-check` with `restoreTesting`.
   * `lambda.Code.fromBucketV2` names one. A new archive needs a new key or object version, or CloudFormation sees no
   * change. A vault with keys or stores elsewhere needs the archives `elsewhere/seal` and so on instead of those of the
   * same functions. See "Sign the code" in docs/deploy.md.
   *
   * @default - the code in `bundles`, unsigned
   */
  readonly signedCode?: Readonly<Record<string, lambda.Code>>;

  /**
   * Time for which logs are kept.
   *
   * @default logs.RetentionDays.ONE_YEAR
   */
  readonly logRetention?: logs.RetentionDays;

  /**
   * Directory of your own build, with a folder of built code for each handler, and `elsewhere` with those for keys and
   * stores elsewhere.
   *
   * @default - the handlers in this package
   */
  readonly bundles?: string;
}
