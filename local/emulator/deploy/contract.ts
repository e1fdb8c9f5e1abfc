import type { LocalParameters } from '../services/parameters';
import type { LocalSecrets } from '../services/secrets';
import type { LocalKms } from '../services/kms';
import type { LambdaEndpoint } from '../services/functions/endpoint';
import type { Credentials } from '../services/functions/environment';
import type { DatabaseNames, LocalPostgres } from '../postgres';
import type { Clock } from '../signature';
import type { FunctionPart, UnreachableService, Skipped, StackTemplate, Template } from '../template';
import type { Trail } from './trail';

/** Runs each step of a deployment, and may show it. */
export type Step = <T>(label: string, action: () => Promise<T>, describe: (result: T) => string) => Promise<T>;

/** A function whose variables are to be set. */
export interface FunctionSetting {
  readonly part: FunctionPart;
  readonly template: StackTemplate;
  readonly postgres: LocalPostgres;
}

/** What a template can't say of the application in it. */
export interface Application {
  /** the function that a webhook calls @default - none */
  readonly isWebhook?: ((part: FunctionPart) => boolean) | undefined;
  /** Returns variables that replace the template's. @default - none */
  readonly variables?: ((setting: FunctionSetting) => Readonly<Record<string, string>>) | undefined;
  /** Returns folders of code by object key, for functions whose assets aren't beside the template. @default - none */
  readonly codeFolders?: ((template: Template) => ReadonlyMap<string, string>) | undefined;
  /** @default - `main`, with the master `master` */
  readonly databaseNames?: DatabaseNames | undefined;
}

export interface DeployOptions extends Application {
  /** `NAME.template.json` as `cdk synth` wrote it, its assets beside it */
  readonly template: string;
  /** kept across runs @default - a temporary folder, removed at the end */
  readonly dataDir?: string | undefined;
  /** of the endpoint of KMS, Lambda, Parameter Store and Secrets Manager @default - a free one */
  readonly port?: number | undefined;
  /** of the HTTP API that invokes the webhook's function, else of the first; others take free ones @default - a free one */
  readonly webhookPort?: number | undefined;
  /** where every process writes its log @default - `logs` in the data folder */
  readonly logDir?: string | undefined;
  /** the most that an invocation may take, whatever the template gives it @default - the template's */
  readonly timeoutMs?: number | undefined;
  /** false: signatures are still verified, nothing is decided @default true */
  readonly authorization?: boolean | undefined;
  /** told of each authorised or refused call, a line each @default - nobody is */
  readonly trace?: ((line: string) => void) | undefined;
  readonly step?: Step | undefined;
  /** when sessions begin and end; requests are dated by this machine's clock all the same @default - this machine's clock */
  readonly sessionClock?: Clock | undefined;
  /** puts something before the database, given its port: tokens for the port that it returns count too @default - nothing */
  readonly databaseFront?: ((port: number) => Promise<number>) | undefined;
  /** changes the template's JSON in place before it is read */
  readonly amend?: ((template: object) => void) | undefined;
}

export interface SessionChoices {
  /** 1 to 43200 @default 43200 */
  readonly seconds?: number | undefined;
}

export interface PrincipalChoices extends SessionChoices {
  /** 12 digits @default - the deployment's own */
  readonly account?: string | undefined;
  /** the most that its policies can give @default - none */
  readonly boundary?: object | undefined;
  /** of the function whose code calls @default - it calls from no function */
  readonly sourceFunctionArn?: string | undefined;
}

/** A template that runs on this machine. */
export interface Deployed {
  /** `AWS_ENDPOINT_URL` for any AWS SDK or command line */
  readonly url: string;
  readonly region: string;
  /** 12 digits */
  readonly account: string;
  /** a session with AdministratorAccess: what a developer has in a team account */
  readonly administrator: Credentials;
  readonly template: StackTemplate;
  /** what of the template was not made here */
  readonly skipped: readonly Skipped[];
  /** services that functions may call and have no route to: in AWS their calls would time out, here they are refused */
  readonly unreachable: readonly UnreachableService[];
  readonly kms: LocalKms;
  readonly secrets: LocalSecrets;
  readonly parameters: LocalParameters;
  readonly postgres: LocalPostgres;
  readonly lambda: LambdaEndpoint;
  /** of the webhook's route, else of the first; undefined if the template has none */
  readonly webhookUrl: string | undefined;
  /** every KMS call, and every refused call of any service */
  readonly trail: Trail;
  /** Credentials of a role of the template, by logical id, name or ARN. */
  session(role: string, choices?: SessionChoices): Credentials;
  /** The variables that a function of the template was made with, by its name. */
  variables(name: string): Readonly<Record<string, string>>;
  /** Credentials as its processes have them: they say which function they were made for. */
  functionSession(name: string): Credentials;
  /** Credentials of a further identity, here or of another account, with these policies. */
  principal(name: string, policies: readonly object[], choices?: PrincipalChoices): Credentials;
  /**
   * A decision with each policy's part in it, as lines for a terminal. Principals go by the name, logical id or ARN of a
   * role, `administrator` and `root`, a service's host name, the ARN of another account's root or role; resources by
   * logical id or ARN; of `context`, names with a colon are condition keys, the others pairs of the encryption context.
   */
  explain(
    principal: string,
    action: string,
    resource: string,
    context: Readonly<Record<string, string>>,
  ): Promise<readonly string[]>;
  /** What EventBridge would do when this rule's time has come: nothing here does so by itself. */
  fire(rule: string): Promise<void>;
  /**
   * Decides by the policies of the template as amended, until the next call: for tests that take a statement out. With
   * undefined, by the template's own again.
   */
  decideWith(amend: ((template: object) => void) | undefined): void;
  /** Stops everything that was started. A second call does nothing. */
  close(): Promise<void>;
}
