import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { keyMemory, wipe } from '../../../lambda/contract/bytes';
import { CommandFailure, UsageError } from '../command';
import { nameOf } from '../error-facts';

/**
 * Returns the bytes of an option's file, in memory of their own: the caller wipes them. Throws `UsageError` if they are
 * too many, `CommandFailure` if the file can't be read.
 */
export function readBoundedFile(option: string, path: string, maxBytes: number): Buffer {
  // one byte more than is allowed shows that there are more
  const bytes = keyMemory(maxBytes + 1);
  try {
    const length = readInto(bytes, path);
    if (length <= maxBytes) return bytes.subarray(0, length);
  } catch (error) {
    wipe(bytes);
    throw new CommandFailure(`--${option}: expected a file that can be read, got ${nameOf(error)}`, { cause: error });
  }
  wipe(bytes);
  throw new UsageError(`--${option}: expected a file of at most ${maxBytes} bytes, got a longer one`);
}

function readInto(bytes: Buffer, path: string): number {
  // without `O_NONBLOCK`, a pipe without a writer would block here, and even Ctrl-C would not be noticed
  const handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    let length = 0;
    // a terminal would show what is typed, and a pipe may never end
    if (!fstatSync(handle).isFile()) throw new Unfit();
    while (length < bytes.length) {
      const read = readSync(handle, bytes, length, bytes.length - length, null);
      if (read === 0) break;
      length += read;
    }
    return length;
  } finally {
    closeSync(handle);
  }
}

/** Its name is what the message says. */
class Unfit extends Error {
  override readonly name = 'a folder, a pipe or a device';
}
