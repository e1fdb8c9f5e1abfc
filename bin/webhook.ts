import { Duration } from 'aws-cdk-lib';
import { Fields } from './fields';

/** What an environment chooses of its webhook. */
export interface WebhookConfig {
  readonly answerWithin?: Duration | undefined;
  readonly throttleRate?: number | undefined;
  readonly throttleBurst?: number | undefined;
  /** kid → complete ARN of the secret with the private key */
  readonly privateKeys: Readonly<Record<string, string>>;
}

const SECRET_ARN = /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@!-]+-[A-Za-z0-9]{6}$/;

/** Reads `webhook` of one environment: `true`, or what is chosen of it. */
export function readWebhook(environment: Fields, problems: string[]): WebhookConfig | undefined {
  const value = environment.take('webhook') ?? false;
  if (value === false) return undefined;
  if (value === true) return { privateKeys: {} };
  const fields = new Fields('webhook', value, problems);
  const keys = new Fields('webhook.privateKeys', fields.take('privateKeys') ?? {}, problems);
  const secretArn = (kid: string): string => keys.text(kid, SECRET_ARN, 'the complete ARN of a secret') ?? '';
  const webhook = {
    answerWithin: milliseconds(fields.number('answerWithinMs', 500, 29_000)),
    throttleRate: fields.number('throttleRate', 1, 10_000),
    throttleBurst: fields.number('throttleBurst', 1, 5_000),
    privateKeys: Object.fromEntries(keys.entries().map(([kid]) => [kid, secretArn(kid)])),
  };
  fields.refuseOthers();
  return webhook;
}

function milliseconds(count: number | undefined): Duration | undefined {
  return count === undefined ? undefined : Duration.millis(count);
}
