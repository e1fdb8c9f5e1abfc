import { CfnOutput, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { Operation } from '../lib/operation';
import { ShareVault } from '../lib/share-vault';
import type { WebhookOptions } from '../lib/webhook-options';
import type { EnvironmentConfig } from './environments';
import type { WebhookConfig } from './webhook';

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
    this.addOutputs(vault);
  }

  /** The zones of the configuration, so that synth never asks AWS for them. */
  public override get availabilityZones(): string[] {
    return this.zones ?? super.availabilityZones;
  }

  private webhookOptions({ privateKeys, ...choices }: WebhookConfig): WebhookOptions {
    const secrets = Object.entries(privateKeys).map(([kid, arn]) => {
      return [kid, Secret.fromSecretCompleteArn(this, `PrivateKey-${kid}`, arn)] as const;
    });
    return { ...choices, privateKeys: Object.fromEntries(secrets) };
  }

  private addOutputs(vault: ShareVault): void {
    const webhookKeys = { ...vault.keys._webhookKeyArns(), ...vault.keys._privateKeyArns() };
    const outputs = {
      AlarmTopic: [vault.alarmTopic.topicArn, 'Subscribe to it: nobody is told otherwise'],
      ShareKey: [vault.keys.shareKey.keyArn, 'Wraps the data keys of all records'],
      // a way to them beside Parameter Store: whoever may write there could point senders at a key of their own
      IntakeKeys: [
        this.toJsonString(vault.keys._intakeKeyArns()),
        'Of each name; compare with what the parameters say',
      ],
      ...(vault.webhook && {
        WebhookKeys: [this.toJsonString(webhookKeys), 'Of each name; compare with what the parameters say'],
      }),
      ...(vault.webhook && {
        WebhookUrl: [vault.webhook.url, 'Register it at Dynamic'],
        WebhookSecret: [vault.webhook.signingSecret.secret.secretArn, 'Fill it with what Dynamic then signs with'],
      }),
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
