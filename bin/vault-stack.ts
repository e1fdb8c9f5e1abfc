import { CfnOutput, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { ShareVault } from '../lib/share-vault';
import type { WebhookOptions } from '../lib/webhook-options';
import type { EnvironmentConfig } from './environments';
import type { WebhookConfig } from './webhook';

/** The stack of one environment's vault. */
export class VaultStack extends Stack {
  private readonly zones: string[] | undefined;

  constructor(scope: Construct, config: EnvironmentConfig, bundles?: string) {
    super(scope, `ShareVault-${config.name}`, {
      description: `Share vault ${config.name}: key material of MPC wallets, sealed`,
      terminationProtection: config.name === 'prod',
      ...(config.region && { env: { account: config.account, region: config.region } }),
    });
    this.zones = config.availabilityZones;
    const { name: environment, actors, alarmEmail, webhook, ...choices } = config;
    const vault = new ShareVault(this, 'Vault', {
      ...choices,
      ...(webhook && { webhook: this.webhookOptions(webhook) }),
      environment,
      bundles,
    });
    for (const { name, ...actor } of actors) vault.addActor(name, actor);
    if (alarmEmail !== undefined) {
      new sns.Subscription(this, 'AlarmEmail', {
        topic: vault.alarmTopic,
        protocol: sns.SubscriptionProtocol.EMAIL,
        endpoint: alarmEmail,
      });
    }
    // the stack has one vault: the names of its outputs need no path
    for (const output of vault.outputs.node.children) {
      if (output instanceof CfnOutput) output.overrideLogicalId(output.node.id);
    }
  }

  /** Returns the zones of the configuration, so that synth never asks AWS for them. */
  public override get availabilityZones(): string[] {
    return this.zones ?? super.availabilityZones;
  }

  private webhookOptions({ privateKeys, ...choices }: WebhookConfig): WebhookOptions {
    const secrets = Object.entries(privateKeys).map(([kid, arn]) => {
      return [kid, Secret.fromSecretCompleteArn(this, `PrivateKey-${kid}`, arn)] as const;
    });
    return { ...choices, privateKeys: Object.fromEntries(secrets) };
  }
}
