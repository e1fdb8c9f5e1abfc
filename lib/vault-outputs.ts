import { CfnOutput, Names, Stack } from 'aws-cdk-lib';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Migration } from './migration';
import { Operation } from './operation';
import { requireEnvironment } from './private/checks';
import { parameterName } from './private/names';
import type { Reseal } from './reseal';
import type { TombstoneBucket } from './tombstone-bucket';
import type { VaultFunctions } from './vault-functions';
import type { VaultKeys } from './vault-keys';
import type { Webhook } from './webhook';

/** Props of `VaultOutputs`. */
export interface VaultOutputsProps {
  /** Environment of the vault. */
  readonly environment: string;
  /** Keys of the vault. */
  readonly keys: VaultKeys;
  /** Functions of the vault. */
  readonly functions: VaultFunctions;
  /** Topic for alarms. */
  readonly alarmTopic: sns.ITopic;
  /**
   * API that Dynamic delivers to.
   *
   * @default - no outputs about deliveries
   */
  readonly webhook?: Webhook;

  /**
   * Migration, which sweeps a body store.
   *
   * @default - none: its role is not among those that log in outside AWS
   */
  readonly migration?: Migration;

  /**
   * Reseal, whose function calls keys elsewhere.
   *
   * @default - none: its role is not among those that log in outside AWS
   */
  readonly reseal?: Reseal;

  /**
   * Bucket of tombstones.
   *
   * @default - no output about it
   */
  readonly tombstones?: TombstoneBucket;
}

/** Longest logical id that CloudFormation accepts. */
const ID_LENGTH = 255;

/**
 * The outputs of a vault's stack: the topic of its alarms, the values to register at Dynamic, and the ARNs to compare
 * with the published parameters, which an administrator could change. Each child is a `CfnOutput`. Its logical id is
 * the vault's path in its stack, in letters and digits, followed by the child's id: `VaultAlarmTopic` for `new
 * ShareVault(stack, 'Vault')`. If another vault has the same path, a hash follows the path.
 */
export class VaultOutputs extends Construct {
  /** @internal */
  public readonly _prefix: string;

  constructor(scope: Construct, id: string, props: VaultOutputsProps) {
    super(scope, id);
    requireEnvironment(props.environment);
    const outputs = outputsOf(Stack.of(this), props);
    const longest = Math.max(...Object.keys(outputs).map(({ length }) => length));
    this._prefix = prefixOf(scope, ID_LENGTH - longest);
    for (const [name, [value, meaning]] of Object.entries(outputs)) {
      const output = new CfnOutput(this, name, { value, description: `share vault ${props.environment}: ${meaning}` });
      output.overrideLogicalId(`${this._prefix}${name}`);
    }
  }
}

/**
 * Returns the vault's path in its stack. A path that is too long, or that another vault has, gets a hash, so that all
 * are unique.
 */
function prefixOf(vault: Construct, maxLength: number): string {
  const own = vault.node.scopes.slice(Stack.of(vault).node.scopes.length).map(({ node }) => node.id);
  const path = own.join('').replace(/[^A-Za-z0-9]/g, '');
  const taken = Stack.of(vault)
    .node.findAll()
    .some((other) => other instanceof VaultOutputs && Stack.of(other) === Stack.of(vault) && other._prefix === path);
  return path.length <= maxLength && !taken ? path : Names.uniqueResourceName(vault, { maxLength });
}

function outputsOf(
  stack: Stack,
  props: VaultOutputsProps,
): Readonly<Record<string, readonly [value: string, meaning: string]>> {
  const { environment, keys, functions, alarmTopic, webhook } = props;
  const { shareKey, fingerprints, recovery } = keys._records;
  const identities = identitiesOf(props);
  return {
    AlarmTopic: [alarmTopic.topicArn, 'topic of its alarms; subscribe to it'],
    ...(shareKey && { ShareKey: [shareKey.keyArn, 'key that wraps the data keys of all records'] }),
    IntakeKeys: [
      stack.toJsonString(keys._intakeKeyArns()),
      'keys that backends encrypt to, by name; compare them with the parameters',
    ],
    ...(webhook && {
      WebhookKeys: [
        stack.toJsonString({ ...keys._webhookKeyArns(), ...keys._privateKeyArns() }),
        'keys that Dynamic encrypts to, by name; compare them with the parameters',
      ],
      WebhookUrl: [webhook.url, 'URL to register at Dynamic'],
      WebhookSecret: [webhook.signingSecret.secret.secretArn, "secret to fill with Dynamic's signing secret"],
    }),
    ...(recovery.length > 0 && {
      RecoveryKeys: [
        JSON.stringify(fingerprints),
        'fingerprints of the keys that can open every new record, by name; compare them with yours',
      ],
    }),
    ...(Object.keys(identities).length > 0 && {
      ExternalIdentities: [
        stack.toJsonString(identities),
        'roles that log in outside AWS, by function; bind each there to its one right, and reseal to both',
      ],
    }),
    ...(props.tombstones && { TombstoneBucket: [props.tombstones.bucket.bucketName, 'bucket of tombstones'] }),
    Parameters: [parameterName(environment, ''), 'path of the parameters that consumers look up'],
    ...Object.fromEntries(
      Object.values(Operation).map((operation) => [
        `${operation.charAt(0).toUpperCase()}${operation.slice(1)}Function`,
        [functions[operation].functionArn, "function; invoke it through an actor's alias"] as const,
      ]),
    ),
  };
}

/** Returns the roles that log in at services outside AWS, by function. */
function identitiesOf({ functions, webhook, migration, reseal }: VaultOutputsProps): Readonly<Record<string, string>> {
  const { seal, unseal, revoke } = functions;
  const receive = webhook ? [webhook.receive] : [];
  const sweep = migration ? [migration.function] : [];
  const resealing = reseal ? [reseal.function] : [];
  const outside = [seal, ...receive, unseal, revoke, ...sweep, ...resealing].filter(({ _isOutside }) => _isOutside);
  return Object.fromEntries(outside.map(({ handler, role }) => [handler, role.roleArn]));
}
