import { ELSEWHERE_ENV } from '../../lambda/contract/elsewhere';
import type { ParsedMessage } from '../../lambda/message';
import type { LocalVault } from '../vault';
import type { Report } from './report';

/** Prints the keys that a message is wrapped to, if several are. */
export function showKeys({ dataKeys }: ParsedMessage, report: Report): void {
  if (dataKeys.length < 2) return;
  for (const { providerId, providerInfo } of dataKeys)
    report.detail(`key ${providerId}`, Buffer.from(providerInfo).toString());
}

/**
 * Opens a record while the share key in AWS KMS is disabled: the first other key opens it. Does nothing for a vault that
 * opens records only with its share key.
 */
export async function showOtherKeys(
  vault: LocalVault,
  { walletId, chain }: { readonly walletId: string; readonly chain: string },
  report: Report,
): Promise<void> {
  const { shareKeyArn: KeyId } = vault.keys;
  if (vault.functionEnv('unseal')[ELSEWHERE_ENV.openWithOtherKeys] !== 'true' || KeyId === '') return;
  const change = (operation: 'DisableKey' | 'EnableKey'): unknown =>
    vault.kms.handle({ operation, input: { KeyId }, accessKeyId: 'demo' });
  const client = vault.client(vault.actor('unseal'));
  report.heading('Opened with another key');
  await report.step(
    'other key',
    async () => {
      await change('DisableKey');
      try {
        const request = { kind: 'delegated-share', walletId, chain, reason: 'show another key' } as const;
        using _record = await client.unseal(request);
      } finally {
        await change('EnableKey');
      }
    },
    () => 'the share key in AWS KMS is disabled: a key outside AWS opens the record',
  );
}
