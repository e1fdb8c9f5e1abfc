import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { CommandFailure } from '../command';
import { nameOf } from '../error-facts';
import { EXIT } from '../exit-codes';

/**
 * A new file that only its owner can read. It is written under another name in its folder, and appears whole or not at
 * all. Every call is synchronous: no signal comes between writing and removing.
 */
export class PrivateFile {
  readonly #draft: string;
  #handle: number | undefined;
  #appeared = false;

  /** Throws `CommandFailure` if the file can't be written: it exists, or its folder is not writable. */
  private constructor(
    readonly option: string,
    readonly path: string,
    readonly replace: boolean,
  ) {
    this.#draft = join(dirname(path), `.share-vault-${randomBytes(8).toString('hex')}`);
    this.#do(() => {
      // such a path has no name that the draft could get
      if (path === '' || path.endsWith('/') || path.endsWith(sep)) throw new Unfit('a path without a file name');
      const kind = lstatSync(path, { throwIfNoEntry: false });
      // a device or a link is never replaced: /dev/stdout is one
      if (kind !== undefined && !(replace && kind.isFile()))
        throw new Unfit(kind.isFile() ? 'one that exists: remove it, or use --force' : 'a folder, a link or a device');
      this.#handle = openSync(this.#draft, 'wx', 0o600);
      // a file system without modes would show the file to all
      if ((fstatSync(this.#handle).mode & 0o077) !== 0) throw new Error('a folder that shows its files to others');
    });
  }

  /** Prepares files, all or none. @param replace - whether existing files are replaced */
  static createAll(
    paths: readonly (readonly [option: string, path: string])[],
    replace: boolean,
  ): readonly PrivateFile[] {
    const files: PrivateFile[] = [];
    try {
      for (const [option, path] of paths) files.push(new PrivateFile(option, path, replace));
      return files;
    } catch (error) {
      for (const file of files) file.discard();
      throw error;
    }
  }

  /** Writes all of the contents. */
  write(contents: Uint8Array): void {
    this.#do(() => {
      const handle = this.#open;
      for (let written = 0; written < contents.length;) written += writeSync(handle, contents, written);
      fsyncSync(handle);
    });
  }

  /** Gives the file its name. */
  appear(): void {
    this.#do(() => {
      this.#close();
      if (this.replace) renameSync(this.#draft, this.path);
      else {
        // unlike a rename, a link replaces nothing
        linkSync(this.#draft, this.path);
        unlinkSync(this.#draft);
      }
      this.#appeared = true;
      syncFolder(dirname(this.path));
    });
  }

  /** Removes what was written. A file that was replaced is lost, so the new one stays. */
  discard(): void {
    try {
      if (this.#handle !== undefined) this.#close();
    } catch {
      // a full disk may be reported only now: the draft goes all the same
    }
    if (!this.#appeared) unlinkQuietly(this.#draft);
    else if (!this.replace) unlinkQuietly(this.path);
  }

  #close(): void {
    const handle = this.#open;
    // a handle is closed once, also if that fails: its number may soon be another file's
    this.#handle = undefined;
    closeSync(handle);
  }

  get #open(): number {
    if (this.#handle === undefined) throw new Error('a closed file');
    return this.#handle;
  }

  #do(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.discard();
      const got = error instanceof Unfit ? error.message : nameOf(error);
      throw new CommandFailure(`--${this.option}: expected a file that can be written, got ${got}`, {
        exit: EXIT.output,
        cause: error,
      });
    }
  }
}

/** The problem of a path, in words that the user sees. */
class Unfit extends Error {}

function unlinkQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // it is gone already
  }
}

/** Has the name survive a crash. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
