import { Arn, ArnFormat, Stack } from 'aws-cdk-lib';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import type { Operation } from '../operation';
import {
  requireActorName,
  requireEnvironment,
  requireKid,
  requireList,
  requireObject,
  requireText,
  requireTextOrToken,
} from './checks';
import type { AllowAccount } from './grant-invoke';
import { functionName, parameterName } from './names';
import { PATTERNS } from './patterns';
import type { ShareVaultAttributes, ShareVaultLookup } from '../share-vault-attributes';
import { ShareVaultBase } from '../share-vault-base';

/** A vault of another app, by its names: they follow from its environment, account and region. */
export class ImportedVault extends ShareVaultBase {
  public readonly environment: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly attributes: ShareVaultAttributes,
  ) {
    super(scope, id);
    requireAttributes(attributes);
    this.environment = attributes.environment;
  }

  /** @internal */
  protected _aliasArn(operation: Operation, actor: string): string {
    requireActorName(actor);
    const { actors } = this.attributes;
    if (actors && !actors.includes(actor)) {
      throw new Error(
        `actor: expected one of ${actors.join(', ')}, got "${actor}": only the app that defines the vault can add actors`,
      );
    }
    return `${this._operationArn(operation)}:${actor}`;
  }

  protected override _operationArn(operation: Operation): string {
    return Arn.format(
      {
        service: 'lambda',
        account: this.attributes.account,
        region: this.attributes.region,
        resource: 'function',
        resourceName: functionName(this.environment, operation),
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      },
      Stack.of(this),
    );
  }

  /** @internal */
  protected _accountGate(): AllowAccount {
    return undefined;
  }

  public get intakeKeys(): Readonly<Record<string, string>> {
    return { ...this.attributes.intakeKeys };
  }

  /** @internal */
  protected _allowNetwork(): void {
    // the vault's Lambda endpoint, if it has one, belongs to its own app
  }
}

/** A vault with parameters that CloudFormation reads at deploy: a missing parameter fails the deploy. */
export class LookedUpVault extends ImportedVault {
  private readonly intakeKeyIds: readonly string[];

  constructor(scope: Construct, id: string, lookup: ShareVaultLookup) {
    super(scope, id, onlyEnvironment(lookup));
    const { intakeKeyIds = ['intake-1'] } = lookup;
    requireList('intakeKeyIds', intakeKeyIds);
    for (const kid of intakeKeyIds) requireKid('intakeKeyIds', kid);
    this.intakeKeyIds = intakeKeyIds;
  }

  /** @internal */
  protected override _aliasArn(operation: Operation, actor: string): string {
    requireActorName(actor);
    return this.parameter('actors', actor, operation);
  }

  public override get intakeKeys(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.intakeKeyIds.map((kid) => [kid, this.parameter('keys', 'intake', kid)]));
  }

  private parameter(...path: readonly string[]): string {
    return ssm.StringParameter.valueForStringParameter(this, parameterName(this.environment, ...path));
  }
}

/**
 * Returns the attributes of a vault in the stack's own account and region, even if a JavaScript caller passes others.
 */
function onlyEnvironment(lookup: unknown): ShareVaultAttributes {
  requireObject('lookup', lookup);
  const { environment } = lookup as Record<string, unknown>;
  requireEnvironment(environment);
  return { environment };
}

/**
 * Throws for attributes that result in the names of another vault, or of none. Account, region and keys may be known
 * only at deploy.
 */
function requireAttributes(attributes: unknown): asserts attributes is ShareVaultAttributes {
  requireObject('attributes', attributes);
  const { environment, account, region, intakeKeys = {}, actors = [] } = attributes as Record<string, unknown>;
  requireEnvironment(environment);
  if (account !== undefined) requireTextOrToken('account', account, PATTERNS.account);
  if (region !== undefined) requireTextOrToken('region', region, PATTERNS.region);
  requireObject('intakeKeys', intakeKeys);
  for (const [kid, arn] of Object.entries(intakeKeys)) {
    requireKid('intakeKeys', kid);
    requireTextOrToken('intakeKeys', arn, PATTERNS.keyArn);
  }
  requireList('actors', actors);
  for (const actor of actors) requireText('actors', actor, PATTERNS.actor);
}
