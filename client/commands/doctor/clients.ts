import { BackupClient } from '@aws-sdk/client-backup';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { RDSClient } from '@aws-sdk/client-rds';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
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
  readonly sfn: SFNClient;
  readonly sns: SNSClient;
  readonly ssm: SSMClient;
  readonly sts: STSClient;
}

/** @param region given on the command line; without it the SDK finds one */
export function createClients(region: string | undefined, attempt?: AttemptLimits): Clients {
  const limits = { ...attempt, maxAttempts: 2 };
  return {
    backup: new BackupClient(clientConfig(region, limits)),
    cloudtrail: new CloudTrailClient(clientConfig(region, limits)),
    cloudwatch: new CloudWatchClient(clientConfig(region, limits)),
    events: new EventBridgeClient(clientConfig(region, limits)),
    kms: new KMSClient(clientConfig(region, limits)),
    lambda: new LambdaClient(clientConfig(region, limits)),
    rds: new RDSClient(clientConfig(region, limits)),
    secrets: new SecretsManagerClient(clientConfig(region, limits)),
    sfn: new SFNClient(clientConfig(region, limits)),
    sns: new SNSClient(clientConfig(region, limits)),
    ssm: new SSMClient(clientConfig(region, limits)),
    sts: new STSClient(clientConfig(region, limits)),
  };
}
