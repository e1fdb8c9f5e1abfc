import * as v from 'valibot';
import { AwsError } from '../services/errors';
import type { LocalSecrets } from '../services/secrets';
import type { LocalPostgres } from '../postgres';
import type { SecretPart, StackTemplate } from '../template';
import { generate } from './generate';

const VALUE = v.object({ SecretString: v.optional(v.string()), SecretBinary: v.optional(v.string()) });

/** Creates the template's secrets and RDS's secret of the master user. Keeps generated values that exist already. */
export function createSecrets(template: StackTemplate, secrets: LocalSecrets, postgres: LocalPostgres): void {
  for (const part of template.secrets()) createSecret(secrets, part);
  for (const { masterSecret } of template.databases()) {
    if (masterSecret === undefined) continue;
    const { user: username, password } = postgres.master;
    secrets.ensure(masterSecret.arn, masterSecret.arn.replace(/^.*:secret:/, '').slice(0, -7));
    put(secrets, masterSecret.arn, JSON.stringify({ username, password }));
  }
}

function createSecret(secrets: LocalSecrets, { arn, name, content }: SecretPart): void {
  secrets.ensure(arn, name);
  if (content.kind === 'given') put(secrets, arn, content.value);
  if (content.kind === 'generated' && valueOf(secrets, arn) === undefined) put(secrets, arn, generate(content));
}

/** Stores a value, unless the secret has it already. */
export function put(secrets: LocalSecrets, SecretId: string, value: string | Uint8Array): void {
  const stored = valueOf(secrets, SecretId);
  const given = typeof value === 'string' ? value : Buffer.from(value).toString('base64');
  if (stored === given) return;
  const content = typeof value === 'string' ? { SecretString: given } : { SecretBinary: given };
  secrets.handle({ operation: 'PutSecretValue', input: { SecretId, ...content }, accessKeyId: 'deployment' });
}

/** Returns a secret's value, in base64 if it is binary; undefined if it has none yet. */
function valueOf(secrets: LocalSecrets, SecretId: string): string | undefined {
  try {
    const response = secrets.handle({ operation: 'GetSecretValue', input: { SecretId }, accessKeyId: 'deployment' });
    const { SecretString, SecretBinary } = v.parse(VALUE, response);
    return SecretString ?? SecretBinary;
  } catch (error) {
    if (error instanceof AwsError && error.name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}
