import { tokenAudience } from '../../lambda/contract/elsewhere';
import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { placesOf } from '../../lambda/contract/elsewhere-hosts';
import type { BodyStore } from '../body-store';
import type { BodyStoreOptions } from '../body-store-options';
import type { RecordKeyOptions } from '../record-key-options';
import { requireBodyStore } from './function-bodies';
import { externalKeysOf } from './record-keys';

/** What the functions of a vault must reach outside AWS, and whether they get tokens for it. */
export interface Reach {
  readonly destinations: string[];
  readonly identityTokens: boolean;
}

/** Returns what a vault's functions must reach for its keys and its body store. */
export function reachOf(options: RecordKeyOptions & BodyStoreOptions): Reach {
  const { bodyStore } = options;
  if (bodyStore !== undefined) requireBodyStore(bodyStore);
  const keys = externalKeysOf(options).map((key) => key._describe('seal'));
  // the ARN is irrelevant here
  const store = bodyStore?._describe('seal', '');
  const logins = [...keys, ...(store && store.type !== 'secrets-manager' ? [store] : [])];
  return {
    destinations: [...new Set(logins.flatMap(placesOf))],
    identityTokens: logins.some((login) => tokenAudience(login) !== undefined),
  };
}

/** Warns of what a body store costs with its most records. */
export function warnOfCost(scope: Construct, { _cost }: BodyStore): void {
  if (_cost !== undefined) Annotations.of(scope).addWarningV2('cdk-share-vault:bodyStoreCost', `bodyStore: ${_cost}`);
}
