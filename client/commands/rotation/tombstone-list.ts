import { readInChunks } from '../bounded';
import { CommandFailure, type Context } from '../command';
import { nameOf } from '../error-facts';
import { EXIT } from '../exit-codes';
import { type TombstoneList, readTombstones } from './tombstone-lines';

/**
 * Reads an option's list of tombstones of the context's environment; `-` is standard input. Throws `CommandFailure` for one
 * that was cut, has a bad line, or is another environment's.
 */
export async function readTombstoneList(
  { environment, stdin }: Pick<Context, 'environment' | 'stdin'>,
  option: string,
  file: string,
): Promise<TombstoneList> {
  const source = file === '-' ? stdin : readInChunks(file);
  try {
    const list = await readTombstones(source);
    if (list.environment === environment) return list;
    throw new CommandFailure('expected tombstones of this environment, got those of another', { exit: EXIT.conflict });
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    throw new CommandFailure(`--${option}: expected a file that can be read, got ${nameOf(error)}`, { cause: error });
  } finally {
    source.destroy();
  }
}
