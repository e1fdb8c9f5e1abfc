import type { Deployed } from '../emulator/deploy';
import { functionName } from './functions';
import { type SenderKey, webhookKeys } from './keys';
import { type SigningSecret, fillSigningSecret } from './signing-secret';

/** What Dynamic's console would be told, and tell. */
export interface LocalWebhook {
  /** where deliveries are posted to */
  readonly url: string;
  /** what they are signed with */
  readonly signing: SigningSecret;
  /** what materials are encrypted to; none where every private key is in Secrets Manager */
  readonly keys: readonly SenderKey[];
}

/** The webhook of a vault, its signing secret filled; undefined where the vault has none. */
export async function openWebhook(deployed: Deployed, environment: string): Promise<LocalWebhook | undefined> {
  const { webhookUrl: url, template } = deployed;
  const receive = functionName(environment, 'receive');
  if (url === undefined || !template.functions().some(({ name }) => name === receive)) return undefined;
  const [signing, keys] = await Promise.all([
    fillSigningSecret(deployed, environment),
    webhookKeys(deployed, environment),
  ]);
  return { url, signing, keys };
}
