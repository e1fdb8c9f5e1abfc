import { DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import { type Finding, unknown, verdict } from './finding';
import { hasValue, read } from './read';
import { type Vault, publishedAt } from './vault';

/** Checks whether the webhook's signing secret was filled. Its value is not read. */
export async function checkWebhook(vault: Vault): Promise<readonly Finding[]> {
  const secret = publishedAt(vault, 'webhook/secret');
  if (secret === undefined) return [];
  const check = 'webhook: signing secret';
  const call = () => vault.clients.secrets.send(new DescribeSecretCommand({ SecretId: secret.value }));
  const described = await read('secretsmanager:DescribeSecret', call);
  if (!hasValue(described)) return [unknown(check, described.reason)];
  const { VersionIdsToStages = {}, DeletedDate } = described.value;
  const filled =
    DeletedDate === undefined && Object.values(VersionIdsToStages).some((stages) => stages.includes('AWSCURRENT'));
  const fix = `npx --no-install share-vault webhook-secret --environment ${vault.environment}`;
  return [verdict(check, filled, filled ? 'filled' : 'empty: deliveries are answered 503', fix)];
}
