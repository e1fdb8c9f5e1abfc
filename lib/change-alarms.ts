import * as events from 'aws-cdk-lib/aws-events';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { requireEnvironment } from './private/checks';
import { functionName, parameterName } from './private/names';
import {
  API_CHANGES,
  FUNCTION_CHANGES,
  KEY_CHANGES,
  PARAMETER_CHANGES,
  ROLE_CHANGES,
  SECRET_CHANGES,
} from './private/watched-events';
import type { StorageKey } from './storage-key';
import type { VaultFunction } from './vault-function';
import type { VaultKeys } from './vault-keys';
import type { Webhook } from './webhook';

export interface ChangeAlarmsProps {
  readonly environment: string;
  readonly topic: sns.ITopic;
  readonly keys: VaultKeys;
  readonly storageKey: StorageKey;
  readonly functions: VaultFunction[];

  /**
   * @default - none
   */
  readonly webhook?: Webhook;
}

/**
 * Tells of changes by which an administrator could reach material: to keys, functions, aliases, permissions and roles,
 * and to the parameters by which senders find keys; or could turn deliveries away or forge them: to the webhook's API
 * and secrets.
 * They come by CloudTrail: the account needs a trail with management events, and those of IAM reach us-east-1 alone.
 */
export class ChangeAlarms extends Construct {
  constructor(scope: Construct, id: string, props: ChangeAlarmsProps) {
    super(scope, id);
    requireEnvironment(props.environment);
    const { keys, webhook } = props;
    const opening = [keys.shareKey, ...keys.intakeKeys, ...keys.webhookKeys].map((key) => key.keyArn);
    // CDK's own target would let EventBridge publish, and use the topic's key, for every account
    const target: events.IRuleTarget = { bind: () => ({ arn: props.topic.topicArn }) };
    const tell = (rule: string, description: string, service: string, detail: Record<string, unknown>): void => {
      new events.Rule(this, rule, {
        description: `share vault ${props.environment}: ${description}`,
        eventPattern: {
          source: [`aws.${service}`],
          detailType: ['AWS API Call via CloudTrail'],
          detail: { eventSource: [`${service}.amazonaws.com`], ...detail },
        },
        targets: [target],
      });
    };

    tell('KeyChanges', 'a key was disabled, given up, opened up or left unrotated', 'kms', {
      eventName: [...KEY_CHANGES],
      resources: { ARN: [...opening, props.storageKey.key.keyArn] },
    });
    // services are granted the storage key at every deploy; nobody is ever granted one of these
    tell('KeyGrants', 'somebody was granted the use of a key', 'kms', {
      eventName: ['CreateGrant'],
      resources: { ARN: opening },
    });
    tell('FunctionChanges', 'a function, alias or permission was changed', 'lambda', {
      // names end in the API's version
      eventName: FUNCTION_CHANGES.map((prefix) => ({ prefix })),
      requestParameters: { functionName: [{ wildcard: `*${functionName(props.environment, '*')}` }] },
    });
    tell('RoleChanges', "a function's role or its policy was changed", 'iam', {
      eventName: [...ROLE_CHANGES],
      $or: [
        { requestParameters: { roleName: props.functions.map((fn) => fn.role.roleName) } },
        { requestParameters: { policyArn: props.functions.map((fn) => fn._policyArn) } },
      ],
    });
    // by name, by ARN, or several at once
    const published = [{ wildcard: `*${parameterName(props.environment, '*')}` }];
    tell('ParameterChanges', 'a parameter by which callers find keys and functions was changed', 'ssm', {
      eventName: [...PARAMETER_CHANGES],
      $or: [{ requestParameters: { name: published } }, { requestParameters: { names: published } }],
    });
    if (!webhook) return;
    tell('ApiChanges', "the webhook's API was changed", 'apigateway', {
      eventName: API_CHANGES.map((prefix) => ({ prefix })),
      requestParameters: { apiId: [webhook.api.apiId] },
    });
    const secrets = [webhook.signingSecret, ...Object.values(keys.privateKeys)];
    tell('SecretChanges', 'a secret of the webhook was filled, replaced, opened up or given up', 'secretsmanager', {
      eventName: [...SECRET_CHANGES],
      // callers may name a secret, or give its ARN, with or without what Secrets Manager appended to the name
      requestParameters: { secretId: secrets.map(({ secretName }) => ({ wildcard: `*${secretName}*` })) },
    });
  }
}
