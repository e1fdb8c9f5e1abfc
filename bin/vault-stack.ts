import { CfnOutput, Stack } from 'aws-cdk-lib';
import * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { Operation } from '../lib/operation';
import { ShareVault } from '../lib/share-vault';
import type { EnvironmentConfig } from './environments';

/** One environment's vault and nothing else. */
export class VaultStack extends Stack {
  private readonly zones: string[] | undefined;

  constructor(scope: Construct, config: EnvironmentConfig, bundles?: string) {
    super(scope, `ShareVault-${config.name}`, {
      description: `Share vault ${config.name}: key material of MPC wallets, sealed`,
      terminationProtection: config.name === 'prod',
      ...(config.region && { env: { account: config.account, region: config.region } }),
    });
    this.zones = config.availabilityZones;
    const { name: environment, actors, alarmEmail, ...choices } = config;
    const vault = new ShareVault(this, 'Vault', { ...choices, environment, bundles });
    for (const { name, ...actor } of actors) vault.addActor(name, actor);
    if (alarmEmail !== undefined) {
      new sns.Subscription(this, 'AlarmEmail', {
        topic: vault.alarmTopic,
        protocol: sns.SubscriptionProtocol.EMAIL,
        endpoint: alarmEmail,
      });
    }
    this.addOutputs(vault);
  }

  /** The zones of the configuration, so that synth never asks AWS for them. */
  public override get availabilityZones(): string[] {
    return this.zones ?? super.availabilityZones;
  }

  private addOutputs(vault: ShareVault): void {
    const outputs = {
      AlarmTopic: [vault.alarmTopic.topicArn, 'Subscribe to it: nobody is told otherwise'],
      ShareKey: [vault.keys.shareKey.keyArn, 'Wraps the data keys of all records'],
      Parameters: [`/share-vault/${vault.environment}/`, 'Where consumers look up actors and keys'],
      ...Object.fromEntries(
        Object.values(Operation).map((operation) => [
          `${operation.charAt(0).toUpperCase()}${operation.slice(1)}Function`,
          [vault.functions[operation].functionArn, "Invoke it through an actor's alias"],
        ]),
      ),
    } as const;
    for (const [name, [value, description]] of Object.entries(outputs))
      new CfnOutput(this, name, { value, description });
  }
}
