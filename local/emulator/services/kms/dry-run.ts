import { wipe } from '../../wipe';
import { AwsError } from '../errors';
import type { Operation } from './operation';
import type { KeyStore } from './store';

/** The cryptographic operations that take `DryRun` (KMS developer guide, "Testing your permissions"). */
export const DRY_RUNS: ReadonlySet<string> = new Set(['Decrypt', 'Encrypt', 'GenerateDataKey', 'ReEncrypt']);

/**
 * Runs an operation. If the input asks for a dry run it makes the same checks, wipes the result and throws
 * `DryRunOperationException`.
 */
export async function dryRun(run: Operation, input: unknown, store: KeyStore): Promise<object> {
  const { DryRun, ...rest }: Readonly<Record<string, unknown>> = typeof input === 'object' ? { ...input } : {};
  if (DryRun !== undefined && typeof DryRun !== 'boolean') {
    throw new AwsError('ValidationException', 'expected a boolean at DryRun, got something else');
  }
  const result = await run(rest, store);
  if (DryRun !== true) return result;
  wipe(...Object.values(result).filter((value) => value instanceof Uint8Array));
  throw new AwsError(
    'DryRunOperationException',
    'The request would have succeeded, but the DryRun option is set.',
    412,
  );
}
