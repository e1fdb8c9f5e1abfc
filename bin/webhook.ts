import { Duration } from 'aws-cdk-lib';
import { LIMITS, PATTERNS } from '../lib/private/patterns';
import { Fields } from './fields';

/** Options of an environment's webhook. */
export interface WebhookConfig {
  readonly responseTimeout?: Duration | undefined;
  readonly throttleRate?: number | undefined;
  readonly throttleBurst?: number | undefined;
  /** kid → complete ARN of the secret with the private key */
  readonly privateKeys: Readonly<Record<string, string>>;
}

/** Reads `webhook` of one environment: `true`, or its options. */
export function readWebhook(environment: Fields, problems: string[]): WebhookConfig | undefined {
  const value = environment.take('webhook') ?? false;
  if (value === false) return undefined;
  if (value === true) return { privateKeys: {} };
  const fields = new Fields('webhook', value, problems);
  const keys = new Fields('webhook.privateKeys', fields.take('privateKeys') ?? {}, problems);
  const secretArn = (kid: string): string => keys.text(kid, PATTERNS.secretArn) ?? '';
  const webhook = {
    responseTimeout: milliseconds(fields.number('responseTimeoutMs', LIMITS.responseTimeoutMs)),
    throttleRate: fields.number('throttleRate', LIMITS.throttleRate),
    throttleBurst: fields.number('throttleBurst', LIMITS.throttleBurst),
    privateKeys: Object.fromEntries(keys.entries().map(([kid]) => [kid, secretArn(kid)])),
  };
  fields.refuseOthers();
  return webhook;
}

function milliseconds(count: number | undefined): Duration | undefined {
  return count === undefined ? undefined : Duration.millis(count);
}
