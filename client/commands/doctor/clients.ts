import { BackupClient } from '@aws-sdk/client-backup';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { RDSClient } from '@aws-sdk/client-rds';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { type AttemptLimits, clientConfig } from '../client-config';

/** Clients of every service that the checks ask. */
export interface Clients {
  readonly backup: BackupClient;
  readonly cloudtrail: CloudTrailClient;
  readonly cloudwatch: CloudWatchClient;
  readonly events: EventBridgeClient;
  readonly kms: KMSClient;
  readonly lambda: LambdaClient;
  readonly rds: RDSClient;
  readonly secrets: SecretsManagerClient;
  readonly sns: SNSClient;
  readonly ssm: SSMClient;
  readonly sts: STSClient;
}

/** @param region given on the command line; without it the SDK finds one */
export function createClients(region: string | undefined, limits?: AttemptLimits): Clients {
  const config = { ...clientConfig(region, limits), maxAttempts: 2 };
  return {
    backup: new BackupClient(config),
    cloudtrail: new CloudTrailClient(config),
    cloudwatch: new CloudWatchClient(config),
    events: new EventBridgeClient(config),
    kms: new KMSClient(config),
    lambda: new LambdaClient(config),
    rds: new RDSClient(config),
    secrets: new SecretsManagerClient(config),
    sns: new SNSClient(config),
    ssm: new SSMClient(config),
    sts: new STSClient(config),
  };
}
