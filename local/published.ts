import type { LocalParameters } from './aws/parameters';
import { ACTORS, CALLED, functionName } from './functions';
import type { VaultKeys } from './keys';
import { type Place, functionArn } from './lambda/function-name';
import type { VaultSecrets } from './secrets';

export interface PublishedOf {
  readonly environment: string;
  readonly place: Place;
  readonly keys: VaultKeys;
  readonly secrets: VaultSecrets;
  /** where Dynamic posts to */
  readonly webhookUrl: string;
}

/** Publishes in Parameter Store what the constructs do, under the same names. */
export function publish(parameters: LocalParameters, of: PublishedOf): void {
  const { environment, place, keys, secrets, webhookUrl } = of;
  const set = (path: string, value: string): void => parameters.publish(`/share-vault/${environment}/${path}`, value);
  set(`keys/intake/${keys.intakeKey.kid}`, keys.intakeKeyArn);
  set(`keys/webhook/${keys.webhookKey.kid}`, keys.webhookKeyArn);
  set('webhook/url', webhookUrl);
  set('webhook/secret', secrets.signingSecretArn);
  for (const key of CALLED) {
    const name = functionName(environment, key);
    for (const actor of Object.keys(ACTORS[key])) {
      set(`actors/${actor}/${key}`, functionArn(place, { name, qualifier: actor }));
    }
  }
}
