import { LIMITS } from '../../../lambda/contract/limits';
import { readShortBytes } from '../bounded';
import { CommandFailure, type Streams, UsageError } from '../command';
import { nameOf } from '../error-facts';

/** Reads wallet properties: UTF-8, which is stored unchanged. They are not secret. */
export async function readProperties(option: string, file: string, { stdin }: Streams): Promise<string> {
  const bytes = await readShortBytes(file === '-' ? stdin : file, LIMITS.walletPropertiesBytes).catch(
    (error: unknown) => {
      throw new CommandFailure(`--${option}: expected a file that can be read, got ${nameOf(error)}`, { cause: error });
    },
  );
  if (bytes === undefined)
    throw new UsageError(`--${option}: expected at most ${LIMITS.walletPropertiesBytes} bytes, got more`);
  if (bytes.length === 0) throw new UsageError(`--${option}: expected 1 byte or more, got none`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UsageError(`--${option}: expected UTF-8, got other bytes`);
  }
}
