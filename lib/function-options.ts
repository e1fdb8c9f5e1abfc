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
   * Makes Lambda check at each deploy that code was signed with the profiles it names. Needs `signedCode`: the code that
   * comes with this package is uploaded unsigned, and Lambda would refuse it.
   *
   * @default - code is not checked
   */
  readonly codeSigningConfig?: lambda.ICodeSigningConfig;

  /**
   * Archives in S3 with each handler's code, by the handler's name: `seal`, `unseal`, `revoke`, `properties`, `audit`,
   * `migrate`, and `receive` with a webhook. `lambda.Code.fromBucketV2` names one. A new archive needs a new key or
   * object version, or CloudFormation sees no change. See "Sign the code" in docs/deploy.md.
   *
   * @default - the code in `bundles`, unsigned
   */
  readonly signedCode?: Readonly<Record<string, lambda.Code>>;

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
