import { Duration, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct, type IDependable } from 'constructs';
import { ENV } from '../lambda/contract/variables';
import type { BodyStoreOptions } from './body-store-options';
import type { FunctionOptions } from './function-options';
import type { MaterialKind } from './material-kind';
import { requireKinds } from './private/actor-checks';
import { handlerCode } from './private/bundle';
import { requireAccount, requireActorName, requireEnvironment, requireRemovalPolicy } from './private/checks';
import { ClosedAlias, ClosedFunction } from './private/closed-function';
import { guardTemplate } from './private/final-template';
import { FunctionBodies } from './private/function-bodies';
import { requireFunctionOptions, requireFunctionProps } from './private/function-checks';
import { restrictRole } from './private/function-role';
import { allowIdentityTokens } from './private/identity-token';
import { functionArn, functionName } from './private/names';
import { reservationOf } from './private/reservation';
import { logProtection } from './private/log-protection';
import { guardVariables } from './private/variables-size';
import { VaultRole } from './private/vault-role';
import type { ShareDatabase } from './share-database';
import type { StorageKey } from './storage-key';
import type { VaultNetwork } from './vault-network';

/** Props of `VaultFunction`. */
export interface VaultFunctionProps extends FunctionOptions, BodyStoreOptions {
  /** Environment of the vault. */
  readonly environment: string;
  /** Name of the handler, and of its bundle. */
  readonly handler: string;

  /**
   * Whether the function has keys or stores elsewhere. Its bundle is then the one in `elsewhere`.
   *
   * @default false
   */
  readonly elsewhere?: boolean;

  /** Network of the vault. */
  readonly network: VaultNetwork;

  /**
   * Whether the function calls keys or stores outside AWS, and so has the network's way out.
   *
   * @default false
   */
  readonly outside?: boolean;

  /**
   * Audiences of the web identity tokens with which the function logs in outside AWS.
   *
   * @default - none
   */
  readonly audiences?: string[];
  /** Database of the vault. */
  readonly database: ShareDatabase;
  /** Storage key of the vault. */
  readonly storageKey: StorageKey;

  /**
   * The only database user that the function may log in as, with an IAM token.
   *
   * @default - none: the function logs in with a password
   */
  readonly databaseUser?: string;

  /**
   * Environment variables in addition to those of environment and database.
   *
   * @default - none
   */
  readonly variables?: Readonly<Record<string, string>>;

  /**
   * Constructs that must exist before any alias is served.
   *
   * @default - nothing
   */
  readonly serveAfter?: IDependable[];

  /**
   * Keys of other owners that encrypt secrets that the function reads.
   *
   * @default - none
   */
  readonly secretKeys?: kms.IKey[];

  /**
   * Removal policy of the logs.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Timeout of the function.
   *
   * @default Duration.seconds(30)
   */
  readonly timeout?: Duration;
}

/** File with the certificate authorities of RDS in Lambda's Node images. */
const CA_FILE = '/var/runtime/ca-cert.pem';
/** Limit for the actors' variable in bytes: Lambda allows 4 KiB for all variables together. */
const ACTORS_BYTES = 2_048;

/** A handler with its own role, log and name. Callers can reach it only through an actor's alias. */
export class VaultFunction extends Construct {
  /** Name of the handler that the function runs. */
  public readonly handler: string;
  /** Name of the function. */
  public readonly functionName: string;
  /** ARN of the function, without an alias. */
  public readonly functionArn: string;
  /** Role of the function. */
  public readonly role: iam.IRole;
  /** Log group of the function. */
  public readonly logGroup: logs.ILogGroup;
  /**
   * Function for this library's triggers; consumers get no reference to it.
   *
   * @internal
   */
  public readonly _function: lambda.Function;
  /** @internal */
  public readonly _policyArn: string;
  /**
   * Whether the function logs in outside AWS.
   *
   * @internal
   */
  public readonly _isOutside: boolean;
  private readonly actors = new Map<string, readonly MaterialKind[]>();
  private readonly serveAfter: readonly IDependable[];

  constructor(scope: Construct, id: string, props: VaultFunctionProps) {
    super(scope, id);
    requireEnvironment(props.environment);
    requireFunctionOptions(props);
    requireFunctionProps(props);
    if (props.removalPolicy !== undefined) requireRemovalPolicy(props.removalPolicy);
    guardTemplate(this, props.removalPolicy);
    const stack = Stack.of(this);
    this.handler = props.handler;
    this.functionName = functionName(props.environment, props.handler);
    this.functionArn = functionArn(stack, props.environment, props.handler);
    this.serveAfter = props.serveAfter ?? [];

    const role = new VaultRole(this, 'Role', {
      description: `share vault ${props.environment}: ${props.handler}`,
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    });
    this.logGroup = new logs.LogGroup(this, 'Log', {
      encryptionKey: props.storageKey.key,
      retention: props.logRetention ?? logs.RetentionDays.ONE_YEAR,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      dataProtectionPolicy: logProtection(),
    });
    restrictRole(role, {
      functionArn: this.functionArn,
      logGroup: this.logGroup,
      serviceKeys: [props.storageKey.key, ...(props.secretKeys ?? [])],
    });
    if (props.databaseUser !== undefined) props.database.grantConnect(role, props.databaseUser);
    // a restored database is frozen by the migration before a policy lets any function log in to it
    role._grantAfter(props.serveAfter ?? []);

    const bodies = FunctionBodies.of(props.handler, props.bodyStore, props.storageKey);
    this._isOutside = props.outside === true || bodies?.isOutside === true;
    const place = props.network._places[this._isOutside ? 'outside' : 'inside'];
    this._function = new ClosedFunction(this, 'Function', {
      functionName: this.functionName,
      description: `share vault ${props.environment}: ${props.handler}`,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'index.handler',
      code: handlerCode(props.handler, props, props.elsewhere === true || bodies !== undefined),
      role,
      timeout: props.timeout ?? Duration.seconds(30),
      memorySize: props.memorySize ?? 512,
      reservedConcurrentExecutions: reservationOf(props),
      codeSigningConfig: props.codeSigningConfig,
      environment: { ...this.variables(props), ...bodies?.variables, ...place.variables },
      environmentEncryption: props.storageKey.key,
      tracing: lambda.Tracing.ACTIVE,
      logGroup: this.logGroup,
      vpc: props.network.vpc,
      vpcSubnets: place.vpcSubnets,
      securityGroups: place.securityGroups,
      maxEventAge: Duration.minutes(1),
      retryAttempts: 0,
    });
    if (place.parts) this._function.node.addDependency(place.parts);
    guardVariables(this._function);
    this.role = role;
    this._policyArn = role.policyArn;
    bodies?.grant(this, props.network, props.environment);
    allowIdentityTokens(this, props.network, [...(props.audiences ?? []), ...(bodies?.audiences ?? [])]);
  }

  /**
   * Creates an alias for an actor, and adds the actor's kinds of record to the handler's environment. Returns the
   * alias's ARN.
   */
  public addActor(name: string, kinds: MaterialKind[]): string {
    requireActorName(name);
    requireKinds(name, kinds);
    if (this.actors.has(name)) throw new Error(`actor: expected a new name, got "${name}" a second time`);
    const bytes = Buffer.byteLength(JSON.stringify(Object.fromEntries([...this.actors, [name, kinds]])));
    if (bytes > ACTORS_BYTES) {
      throw new Error(`actor: expected the actors of a function to take at most ${ACTORS_BYTES} bytes, got ${bytes}`);
    }
    this.actors.set(name, kinds);
    return this.createAlias(this, `Actor-${name}`, name, this.serveAfter);
  }

  /** Lets an account's identities invoke an actor's alias if that account's own policies allow it too. */
  public allowAccount(actor: string, account: string): void {
    requireActorName(actor);
    requireAccount(account);
    const id = `Account-${actor}-${account}`;
    if (this.node.tryFindChild(id)) return;
    const permission = new lambda.CfnPermission(this, id, {
      action: 'lambda:InvokeFunction',
      functionName: `${this.functionArn}:${actor}`,
      principal: account,
    });
    permission.node.addDependency(this.node.findChild(`Actor-${actor}`));
  }

  /**
   * Names of the actors so far, sorted.
   *
   * @internal
   */
  public get _actorNames(): readonly string[] {
    return [...this.actors.keys()].sort();
  }

  /**
   * Creates an alias for a service that calls without an actor. Returns the alias's ARN. If the alias must wait for a
   * construct that waits for this whole function, give the alias another scope.
   *
   * @internal
   */
  public _createServiceAlias(name: string, scope: Construct = this, after = this.serveAfter): string {
    return this.createAlias(scope, `Alias-${name}`, name, after);
  }

  /**
   * Lets a service invoke an alias for one resource of this account: a route, a rule. The ARN of that resource contains
   * the account; a condition on the account would refuse services that don't send it.
   *
   * @internal
   */
  public _allowService(alias: string, service: string, sourceArn: string, scope: Construct = this): void {
    const permission = new lambda.CfnPermission(scope, `Permission-${alias}`, {
      action: 'lambda:InvokeFunction',
      functionName: `${this.functionArn}:${alias}`,
      principal: `${service}.amazonaws.com`,
      sourceArn,
    });
    permission.node.addDependency(scope.node.findChild(`Alias-${alias}`));
  }

  private createAlias(scope: Construct, id: string, name: string, after: readonly IDependable[]): string {
    const alias = new ClosedAlias(scope, id, {
      aliasName: name,
      version: this._function.currentVersion,
      maxEventAge: Duration.minutes(1),
      retryAttempts: 0,
    });
    alias.node.addDependency(...after);
    return `${this.functionArn}:${name}`;
  }

  private variables(props: VaultFunctionProps): Record<string, string> {
    return {
      [ENV.environment]: props.environment,
      [ENV.dbGeneration]: props.database.generation,
      [ENV.dbHost]: props.database.host,
      [ENV.dbPort]: String(props.database.port),
      [ENV.dbName]: props.database.databaseName,
      [ENV.dbUser]: props.databaseUser ?? props.database.masterUser,
      [ENV.dbCaFile]: CA_FILE,
      [ENV.dbAuth]: props.databaseUser === undefined ? 'password' : 'iam',
      [ENV.actors]: Lazy.string({ produce: () => JSON.stringify(Object.fromEntries([...this.actors].sort(byName))) }),
      ...props.network.endpointVariables,
      ...props.variables,
    };
  }
}

function byName(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : 1;
}
