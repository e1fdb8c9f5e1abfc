import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct, type IConstruct } from 'constructs';
import { CONSUMER_ENV, ENV } from '../lambda/contract/variables';
import { Operation } from './operation';
import { KEY_PUBLIC } from './private/actions';
import { requireOperations } from './private/actor-checks';
import { requireActorName, requireObject } from './private/checks';
import { type AllowAccount, foreignAccount, grantInvoke } from './private/grant-invoke';
import { functionArn } from './private/names';
import { requireTwoPeople } from './private/two-people';

/** Options of a grant. */
export interface ActorGrantOptions {
  /** Name of the actor. The grantee can invoke only this actor's aliases, and every log row contains the name. */
  readonly actor: string;
}

/** Options of a connection. */
export interface ConnectOptions extends ActorGrantOptions {
  /**
   * Operations that the function may call. An empty list sets the variables and grants nothing.
   *
   * @default [Operation.UNSEAL]
   */
  readonly operations?: Operation[];
}

/** A vault, created in this app or imported. */
export interface IShareVault extends IConstruct {
  /** Environment of the vault. */
  readonly environment: string;
  /** ARNs of the intake keys by name: backends encrypt to them what they seal, to the first one if they are connected. */
  readonly intakeKeys: Readonly<Record<string, string>>;

  /** Grants a grantee the right to seal as an actor, and to fetch the public keys to encrypt to. */
  grantSeal(grantee: iam.IGrantable, options: ActorGrantOptions): iam.Grant;
  /** Grants a grantee the right to unseal material as an actor. */
  grantUnseal(grantee: iam.IGrantable, options: ActorGrantOptions): iam.Grant;
  /** Grants a grantee the right to destroy a wallet's material as an actor. */
  grantRevoke(grantee: iam.IGrantable, options: ActorGrantOptions): iam.Grant;
  /** Grants a grantee the right to read wallets' properties as an actor. */
  grantReadProperties(grantee: iam.IGrantable, options: ActorGrantOptions): iam.Grant;
  /** Grants a grantee the right to read the access log as an actor. */
  grantAudit(grantee: iam.IGrantable, options: ActorGrantOptions): iam.Grant;
  /**
   * Grants a grantee the right to freeze openings and to request a thaw as an actor. Throws if it may confirm a thaw as
   * another actor: a thaw takes two people.
   */
  grantFreeze(grantee: iam.IGrantable, options: ActorGrantOptions): iam.Grant;
  /**
   * Grants a grantee the right to confirm, as an actor, a thaw that another actor requested. Throws if it may request
   * one as another actor: a thaw takes two people.
   */
  grantThaw(grantee: iam.IGrantable, options: ActorGrantOptions): iam.Grant;

  /**
   * Grants a function the operations, sets its environment variables, from which `ShareVaultClient.fromEnvironment`
   * creates a client, and lets a function in the vault's network reach the Lambda endpoint there. The variables are
   * `SHARE_VAULT_ENVIRONMENT`, `SHARE_VAULT_ACTOR`, a `SHARE_VAULT_…_FUNCTION` for each operation and, to seal,
   * `SHARE_VAULT_INTAKE_KEYS`, unless the function is in another account. Throws for a function in the vault's own network if there is no such endpoint. A function can be connected
   * to one vault, as one actor. For more, call the grant methods.
   */
  connect(consumer: lambda.Function, options: ConnectOptions): void;
}

/** Actor and vault that each function is connected to. */
const connections = new WeakMap<lambda.Function, string>();

/** Grants and connections, the same for a vault of this app and an imported one. */
export abstract class ShareVaultBase extends Construct implements IShareVault {
  public abstract readonly environment: string;
  public abstract readonly intakeKeys: Readonly<Record<string, string>>;

  public grantSeal(grantee: iam.IGrantable, options: ActorGrantOptions): iam.Grant {
    const grant = this.grantOperation(grantee, Operation.SEAL, actorOf(options));
    const principal = grantee.grantPrincipal;
    // a key's ARN is known only at deploy, and to pass it to another account CDK would create a role in the vault's
    // account
    const foreign = foreignAccount(this, principal) !== undefined;
    const resourceArns = foreign ? [this.everyKeyArn()] : Object.values(this.intakeKeys);
    if (principal instanceof iam.AccountPrincipal || resourceArns.length === 0) return grant;
    return grant.combine(iam.Grant.addToPrincipal({ grantee, actions: [KEY_PUBLIC], resourceArns }));
  }

  public grantUnseal(grantee: iam.IGrantable, options: ActorGrantOptions): iam.Grant {
    return this.grantOperation(grantee, Operation.UNSEAL, actorOf(options));
  }

  public grantRevoke(grantee: iam.IGrantable, options: ActorGrantOptions): iam.Grant {
    return this.grantOperation(grantee, Operation.REVOKE, actorOf(options));
  }

  public grantReadProperties(grantee: iam.IGrantable, options: ActorGrantOptions): iam.Grant {
    return this.grantOperation(grantee, Operation.PROPERTIES, actorOf(options));
  }

  public grantAudit(grantee: iam.IGrantable, options: ActorGrantOptions): iam.Grant {
    return this.grantOperation(grantee, Operation.AUDIT, actorOf(options));
  }

  public grantFreeze(grantee: iam.IGrantable, options: ActorGrantOptions): iam.Grant {
    return this.grantOperation(grantee, Operation.FREEZE, actorOf(options));
  }

  public grantThaw(grantee: iam.IGrantable, options: ActorGrantOptions): iam.Grant {
    return this.grantOperation(grantee, Operation.THAW, actorOf(options));
  }

  public connect(consumer: lambda.Function, options: ConnectOptions): void {
    const actor = actorOf(options);
    const { operations = [Operation.UNSEAL] } = options;
    requireOperations('operations', operations);
    requireUnconnected(consumer, `${actor} of ${this.environment}`);
    consumer.addEnvironment(ENV.environment, this.environment);
    consumer.addEnvironment(CONSUMER_ENV.actor, actor);
    for (const operation of operations) {
      if (operation === Operation.SEAL) this.connectSeal(consumer, actor);
      else this.grantOperation(consumer, operation, actor);
      consumer.addEnvironment(CONSUMER_ENV[operation], this._operationArn(operation));
    }
    if (consumer.isBoundToVpc) this._allowNetwork(consumer, operations);
  }

  /**
   * Returns the ARN of an actor's alias for an operation; throws if there can't be one.
   *
   * @internal
   */
  protected abstract _aliasArn(operation: Operation, actor: string): string;

  /**
   * Returns the function that lets another account invoke an actor's alias.
   *
   * @internal
   */
  protected abstract _accountGate(operation: Operation, actor: string): AllowAccount;

  /** @internal */
  protected abstract _allowNetwork(consumer: lambda.Function, operations: Operation[]): void;

  /** Returns a pattern for all keys: the keys' own policies decide which of them the grantee may use. */
  private everyKeyArn(): string {
    return Stack.of(this).formatArn({ service: 'kms', resource: 'key', resourceName: '*' });
  }

  /**
   * Returns a function's ARN without an alias: the client adds the actor.
   *
   * @internal
   */
  protected _operationArn(operation: Operation): string {
    return functionArn(Stack.of(this), this.environment, operation);
  }

  /** Grants a function the right to seal, and sets the variable of the keys that it encrypts to, as far as it can have one. */
  private connectSeal(consumer: lambda.Function, actor: string): void {
    this.grantSeal(consumer, { actor });
    const { intakeKeys } = this;
    if (Object.keys(intakeKeys).length === 0 || foreignAccount(this, consumer.grantPrincipal) !== undefined) return;
    consumer.addEnvironment(ENV.intakeKeys, Stack.of(consumer).toJsonString(intakeKeys));
  }

  private grantOperation(grantee: iam.IGrantable, operation: Operation, actor: string): iam.Grant {
    requireTwoPeople(this, this._operationArn(Operation.THAW), grantee.grantPrincipal, { operation, actor });
    return grantInvoke(this, grantee, this._aliasArn(operation, actor), this._accountGate(operation, actor));
  }
}

/** Returns the actor's name; throws if a JavaScript caller omitted it, before it becomes part of a grant. */
function actorOf(options: ActorGrantOptions): string {
  requireObject('options', options);
  requireActorName(options.actor);
  return options.actor;
}

/**
 * Throws if a function is connected already: the variables name one vault and one actor, and a second connection would
 * silently replace the first.
 */
function requireUnconnected(consumer: lambda.Function, identity: string): void {
  const connected = connections.get(consumer) ?? identity;
  if (connected !== identity) {
    throw new Error(
      `connect: expected a function that is connected to no other vault or actor, got one that is already connected as ${connected}: use the grant methods for more`,
    );
  }
  connections.set(consumer, identity);
}
