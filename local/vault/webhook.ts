import type { Deployed } from '../emulator/deploy';
import { functionName } from './functions';
import { type SenderKey, webhookKeys } from './keys';
import { type SigningSecret, fillSigningSecret } from './signing-secret';

/** The webhook's settings for Dynamic's console. */
export interface LocalWebhook {
  /** the address for deliveries */
  readonly url: string;
  /** the secret that signs deliveries */
  readonly signing: SigningSecret;
  /** the public keys for materials; empty if every private key is in Secrets Manager */
  readonly keys: readonly SenderKey[];
}

/** Returns a vault's webhook and fills its signing secret. Returns undefined if the vault has no webhook. */
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
