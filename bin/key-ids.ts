import { PATTERNS } from '../lib/private/patterns';
import type { Fields } from './fields';
import type { WebhookConfig } from './webhook';

/** Names of the RSA keys that senders encrypt to, as far as an environment chooses them. */
export interface KeyIds {
  readonly intakeKeyIds?: string[] | undefined;
  readonly webhookKeyIds?: string[] | undefined;
}

const names = (count: string) => ({ ...PATTERNS.kid, expected: `${count} names of ${PATTERNS.kid.expected}` });

/** Reads both lists of one environment. `[]` is for webhook keys alone, where private keys stand in for them. */
export function readKeyIds(environment: Fields): KeyIds {
  return {
    intakeKeyIds: environment.texts('intakeKeyIds', names('1 to 3'), [1, 3]),
    webhookKeyIds: environment.texts('webhookKeyIds', names('0 to 3'), [0, 3]),
  };
}

/** What neither list shows to be wrong by itself: names that are there twice, too many or too few with the private keys. */
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
