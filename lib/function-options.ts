import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';

/** What can be chosen of every function of a vault. */
export interface FunctionOptions {
  /**
   * In MiB, 128 to 10,240; a function's share of a processor grows with it.
   *
   * @default 512
   */
  readonly memorySize?: number;

  /**
   * How many executions are kept for each function that callers invoke, 1 or more, and how many it never exceeds. A young account's whole limit is
   * 10, of which a part must stay free: there any number fails to deploy.
   *
   * @default - none kept, none exceeded but the account's
   */
  readonly reservedConcurrency?: number;

  /**
   * Has Lambda refuse code that was not signed with the profiles it names.
   *
   * @default - code is not checked
   */
  readonly codeSigningConfig?: lambda.ICodeSigningConfig;

  /**
   * @default logs.RetentionDays.ONE_YEAR
   */
  readonly logRetention?: logs.RetentionDays;

  /**
   * The directory with a folder of built code for each handler: for a build of your own.
   *
   * @default - the handlers that come with this package
   */
  readonly bundles?: string;
}
