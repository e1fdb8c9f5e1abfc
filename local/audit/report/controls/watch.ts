import { is } from '../../checks/finding';
import { at } from '../../checks/template';
import { controlsOf, policy, property } from './control';

const RULE = 'AWS::Events::Rule';
const TOPIC = 'AWS::SNS::Topic';
const ALARM = 'AWS::CloudWatch::Alarm';
const present = { expected: 'a value', holds: (value: unknown) => value !== undefined };

export const WATCH_CONTROLS = controlsOf('watch', [
  {
    id: 'change-rules',
    title: 'Changes of keys, functions, roles, secrets, network and alarms are reported',
    standards: { cis: ['4.4', '4.5', '4.7', '4.10', '4.12', '4.13', '4.14'] },
    looks: [
      property(RULE, 'State', is('ENABLED'), ({ properties }) => at(properties, 'EventPattern', 'detail', 'eventName') !== undefined), // prettier-ignore
    ],
    checks: ['changesAreReported', 'changeRulesHaveReviewedPatterns'],
    beyond: 'A trail with management events, without which no rule fires. IAM sends its events in one region only.',
    confirm: 'share-vault doctor (trail); aws cloudtrail get-trail-status; docs/deploy.md: alarms on roles',
  },
  {
    id: 'alarms',
    title: 'Everything that can fail or be misused has an alarm with a receiver',
    standards: { hub: ['CloudWatch.15'] },
    looks: [property(ALARM, 'AlarmActions', present)],
    checks: ['everythingIsAlarmed', 'alarmsMeasureTheVault', 'alarmsTellSomeone'],
    beyond: 'Whether anyone subscribes to the topic, and reads.',
    confirm: 'share-vault doctor (alarms); aws sns list-subscriptions-by-topic',
  },
  {
    id: 'alarm-topic',
    title: "The topic of alarms is encrypted under the vault's own key, takes TLS only, and names its publishers",
    standards: { hub: ['SNS.1', 'SNS.4'], nag: ['AwsSolutions-SNS3'] },
    optional: true,
    looks: [property(TOPIC, 'KmsMasterKeyId', present), policy('AWS::SNS::TopicPolicy', 'PolicyDocument')],
    checks: ['topicIsEncrypted', 'topicTakesTlsAlone', 'topicNamesItsPublishers'],
    beyond: "EventBridge names no account, so another account's rule can send a false alarm. It can suppress none.",
    confirm: 'aws sns get-topic-attributes --topic-arn ARN',
  },
]);

export const WEBHOOK_CONTROLS = controlsOf('webhook', [
  {
    id: 'webhook-route',
    title: 'The webhook has one path with one method, throttled, which reaches one alias unchanged',
    standards: {},
    exceptions: [
      {
        ids: ['APIGateway.8', 'AwsSolutions-APIG4'],
        reason:
          'No authorizer gets the body, over which Dynamic signs. The handler verifies the signature before it parses anything.',
      },
    ],
    optional: true,
    looks: [
      property('AWS::ApiGatewayV2::Route', 'RouteKey', is('POST /webhooks/dynamic')),
      property('AWS::ApiGatewayV2::Integration', 'IntegrationUri'),
      property('AWS::ApiGatewayV2::Stage', 'DefaultRouteSettings', present),
    ],
    checks: ['webhookHasOneRoute', 'deliveriesAreThrottled', 'deliveriesGoToTheAlias', 'webhookAnswersInTime'],
    beyond: 'An authorizer gets no body, so none can verify a signature: the handler does, before it parses. Tests show that.', // prettier-ignore
    confirm: 'share-vault webhook-test',
  },
  {
    id: 'webhook-log',
    title: 'Deliveries are logged without body and header',
    standards: { hub: ['APIGateway.9'], nag: ['AwsSolutions-APIG1'] },
    optional: true,
    looks: [property('AWS::ApiGatewayV2::Stage', 'AccessLogSettings', present)],
    checks: ['deliveriesAreLogged'],
    beyond: 'What the log contains now.',
    confirm: 'aws logs tail GROUP',
  },
  {
    id: 'webhook-keys',
    title: 'The function that receives deliveries has its own keys and its own secret',
    standards: {},
    optional: true,
    looks: [
      property('AWS::Lambda::Function', 'Environment.Variables.SHARE_VAULT_WEBHOOK_KEYS', present, ({ id }) => id === 'VaultWebhookFunction'), // prettier-ignore
    ],
    checks: ['receiveHasOwnKeysAndSecret'],
    beyond: 'That Dynamic has this public key and this secret.',
    confirm: 'share-vault webhook-test',
  },
]);
