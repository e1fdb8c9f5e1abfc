import { PATTERNS } from '../lib/private/patterns';
import type { Fields } from './fields';
import type { WebhookConfig } from './webhook';

/** Names of the RSA keys that senders encrypt to, if an environment chooses them. */
export interface KeyIds {
  readonly intakeKeyIds?: string[] | undefined;
  readonly webhookKeyIds?: string[] | undefined;
}

const names = (count: string) => ({ ...PATTERNS.kid, expected: `${count} names of ${PATTERNS.kid.expected}` });

/** Reads both lists of one environment. Only the webhook keys may be `[]`, if private keys replace them. */
export function readKeyIds(environment: Fields): KeyIds {
  return {
    intakeKeyIds: environment.texts('intakeKeyIds', names('1 to 3'), [1, 3]),
    webhookKeyIds: environment.texts('webhookKeyIds', names('0 to 3'), [0, 3]),
  };
}

/**
 * Returns the problems that neither list shows by itself: repeated names, and too many or too few with the private
 * keys.
 */
export function keyIdProblems(config: KeyIds & { readonly webhook?: WebhookConfig | undefined }): readonly string[] {
  const { intakeKeyIds = [], webhookKeyIds = ['webhook-1'] } = config;
  const live = [...webhookKeyIds, ...Object.keys(config.webhook?.privateKeys ?? {})];
  return [
    ...(live.length < 1 || live.length > 3
      ? [`expected 1 to 3 names in webhookKeyIds and webhook.privateKeys together, got ${live.length}`]
      : []),
    ...twice(intakeKeyIds).map((kid) => `expected different intakeKeyIds, got "${kid}" twice`),
    ...twice(live).map((kid) => `expected different names of webhook keys, got "${kid}" twice`),
  ];
}

function twice(kids: readonly string[]): readonly string[] {
  return kids.filter((kid, place) => kids.indexOf(kid) < place);
}
