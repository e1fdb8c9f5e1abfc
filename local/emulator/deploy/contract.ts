import type { LocalParameters } from '../services/parameters';
import type { LocalSecrets } from '../services/secrets';
import type { LocalKms } from '../services/kms';
import type { LambdaEndpoint } from '../services/functions/endpoint';
import type { Credentials } from '../services/functions/environment';
import type { RestoreTests } from '../services/restores';
import type { ServiceFaults } from '../elsewhere/service-faults';
import type { CallerIdentityCheck, IdentityIssuer, StandIn } from '../elsewhere/stand-in';
import type { DatabaseNames, LocalPostgresOptions, LocalPostgres } from '../postgres';
import type { Clock } from '../signature';
import type { FunctionPart, UnreachableService, Skipped, StackTemplate, Template } from '../template';
import type { FunctionCall } from './calls';
import type { GivenSecrets, MissingSecret } from './outside-secrets';
import type { Trail } from './trail';

/** Runs a step of a deployment. An implementation may also display it. */
export type Step = <T>(label: string, action: () => Promise<T>, describe: (result: T) => string) => Promise<T>;

/** The input of `Application.variables`. */
export interface FunctionSetting {
  readonly part: FunctionPart;
  readonly template: StackTemplate;
  readonly postgres: LocalPostgres;
}

/** What an application makes its stand-ins of services outside AWS from. */
export interface StandInsOf {
  readonly template: StackTemplate;
  /** a folder for their state, which may not exist yet */
  readonly dir: string;
  /** of the account's web identity tokens */
  readonly issuer: IdentityIssuer;
  /** learns the role of a signed `GetCallerIdentity` */
  readonly callerIdentity: CallerIdentityCheck;
}

/** Facts about an application that its template doesn't contain. */
export interface Application {
  /** Returns true for the function that a webhook calls. @default - none */
  readonly isWebhook?: ((part: FunctionPart) => boolean) | undefined;
  /** Returns variables that override the template's. @default - none */
  readonly variables?: ((setting: FunctionSetting) => Readonly<Record<string, string>>) | undefined;
  /** Returns code folders by object key, for assets that aren't in the template's folder. @default - none */
  readonly codeFolders?: ((template: Template) => ReadonlyMap<string, string>) | undefined;
  /** Returns stand-ins of the services outside AWS that its functions call. @default - none */
  readonly standIns?: ((of: StandInsOf) => readonly StandIn[] | Promise<readonly StandIn[]>) | undefined;
  /** Returns true for a function that calls services outside AWS. @default - none */
  readonly callsElsewhere?: ((part: FunctionPart) => boolean) | undefined;
  /** @default - `main`, with the master user `master` */
  readonly databaseNames?: DatabaseNames | undefined;
}

/** The stacks to deploy, and the values that they need from outside. */
export interface StackSource {
  /** path of `NAME.template.json` from `cdk synth`, with its assets in the same folder @default - `app` */
  readonly template?: string | undefined;
  /** path of a cloud assembly, such as `cdk.out`: all of its stacks are deployed @default - `template` */
  readonly app?: string | undefined;
  /** names of the app's stacks to deploy, with those that they need @default - all */
  readonly stacks?: readonly string[] | undefined;
  /** values of the stacks' parameters, by `NAME` or `STACK:NAME` @default - the parameters' defaults */
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  /** values in Parameter Store that no stack publishes, by name @default - none */
  readonly ssmParameters?: Readonly<Record<string, string>> | undefined;
}

export interface DeployOptions extends Application, StackSource {
  /** values of secrets that no stack creates, by name or ARN @default - none */
  readonly secrets?: GivenSecrets | undefined;
  /** a data folder that is kept after the run @default - a temporary folder, removed at the end */
  readonly dataDir?: string | undefined;
  /** the port for all AWS services @default - a free one */
  readonly port?: number | undefined;
  /** the port of the webhook's HTTP API, or of the first API; other APIs use free ports @default - a free one */
  readonly webhookPort?: number | undefined;
  /** the folder for the processes' logs @default - `logs` in the data folder */
  readonly logDir?: string | undefined;
  /** an upper limit for the template's function timeouts @default - no further limit */
  readonly timeoutMs?: number | undefined;
  /** false: signatures are verified, but policies are not evaluated @default true */
  readonly authorization?: boolean | undefined;
  /** false: outbound web identity federation is disabled, as in a new account @default true */
  readonly webIdentity?: boolean | undefined;
  /** receives one line for each authorised or refused call @default - no trace */
  readonly trace?: ((line: string) => void) | undefined;
  /** receives each call of a function when it has ended, those of triggers included @default - none */
  readonly onCall?: ((call: FunctionCall) => void) | undefined;
  /** Refuses a template before anything is created, by throwing. @default - no check */
  readonly check?: ((template: StackTemplate) => void) | undefined;
  readonly step?: Step | undefined;
  /** the clock for sessions; signatures always use this machine's clock @default - this machine's clock */
  readonly sessionClock?: Clock | undefined;
  /** the longest wait of a state machine, in seconds: longer ones end then @default - as the machine says */
  readonly longestWaitSeconds?: number | undefined;
  /** Starts a front for the database's port and returns its port. Tokens for both are valid. @default - no front */
  readonly databaseFront?: ((port: number) => Promise<number>) | undefined;
  /** settings of PostgreSQL, such as `max_connections` @default - those of `startPostgres` */
  readonly databaseSettings?: LocalPostgresOptions['settings'];
  /** Changes the template's JSON in place before it is read. @default - no change */
  readonly amend?: ((template: object) => void) | undefined;
}

export interface SessionChoices {
  /** 1 to 43200 @default 43200 */
  readonly seconds?: number | undefined;
}

export interface PrincipalChoices extends SessionChoices {
  /** 12 digits @default - the deployment's account */
  readonly account?: string | undefined;
  /** the permissions boundary @default - none */
  readonly boundary?: object | undefined;
  /** ARN of the function that the principal's calls come from @default - none */
  readonly sourceFunctionArn?: string | undefined;
}

/** Stand-ins that run, and how any program on this machine reaches them under the services' own host names. */
export interface RunningStandIns {
  readonly standIns: readonly StandIn[];
  /** the value of `HTTPS_PROXY` */
  readonly proxyUrl: string;
  /** the value of `NODE_EXTRA_CA_CERTS` */
  readonly caFile: string;
  readonly serviceFaults: ServiceFaults;
}

/** A template that is deployed to this machine. */
export interface Deployed {
  /** the value of `AWS_ENDPOINT_URL` for any AWS SDK or the AWS CLI */
  readonly url: string;
  readonly region: string;
  /** 12 digits */
  readonly account: string;
  /** a session with AdministratorAccess, as developers have in a team account */
  readonly administrator: Credentials;
  readonly template: StackTemplate;
  /** the stand-ins of services outside AWS @default - none */
  readonly elsewhere: RunningStandIns | undefined;
  /** the resources of the template that were not created */
  readonly skipped: readonly Skipped[];
  /** services that functions may call but can't reach; in AWS these calls would time out, here they are refused */
  readonly unreachable: readonly UnreachableService[];
  /** the secrets that functions use and nobody created */
  readonly missingSecrets: readonly MissingSecret[];
  readonly kms: LocalKms;
  readonly secrets: LocalSecrets;
  readonly parameters: LocalParameters;
  readonly postgres: LocalPostgres;
  readonly lambda: LambdaEndpoint;
  /** the URL of the webhook's route, or of the first route; undefined if the template has no routes */
  readonly webhookUrl: string | undefined;
  /** all KMS calls and all refused calls of any service */
  readonly trail: Trail;
  /** restore tests of AWS Backup, and the clusters that they made */
  readonly restores: RestoreTests;
  /** Issues credentials of a role of the template, by logical id, name or ARN. */
  session(role: string, choices?: SessionChoices): Credentials;
  /** Returns the environment variables of a function, by its name. */
  variables(name: string): Readonly<Record<string, string>>;
  /** Issues credentials as a function's processes have them: the calls have the function as their source. */
  functionSession(name: string): Credentials;
  /** Creates another identity with these policies, in this or another account, and issues its credentials. */
  principal(name: string, policies: readonly object[], choices?: PrincipalChoices): Credentials;
  /**
   * Returns a decision and the evaluation of each policy, as lines for a terminal.
   *
   * @param principal the name, logical id or ARN of a role, `administrator`, `root`, a service's host name, or the ARN
   * of another account's root or role
   * @param resource a logical id or an ARN
   * @param context condition keys (names with a colon) and pairs of the encryption context (all other names)
   */
  explain(
    principal: string,
    action: string,
    resource: string,
    context: Readonly<Record<string, string>>,
  ): Promise<readonly string[]>;
  /** Runs a rule as EventBridge would on its schedule. Schedules do not run here. */
  fire(rule: string): Promise<void>;
  /**
   * Decides by the policies of the amended template until the next call. Undefined restores the template's own
   * policies. Used by tests that remove a statement.
   */
  decideWith(amend: ((template: object) => void) | undefined): void;
  /** Stops the deployment. A second call does nothing. */
  close(): Promise<void>;
}
