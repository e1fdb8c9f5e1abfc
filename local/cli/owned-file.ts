import { accessSync, constants, existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { UsageError } from '../../client/commands/command';
import { writePrivately } from '../emulator/services/files';

/** The text that marks a file as one of this program, with the id of the process that wrote it. */
const MARK = 'share-vault-local';
const OWNER = new RegExp(`^(?:# ${MARK}, process |\\{"program":"${MARK}","process":)(\\d+)`);

/** Returns the first line of a text file of this process. */
export function markLine(): string {
  return `# ${MARK}, process ${process.pid}`;
}

/** Returns the first members of a JSON file of this process. */
export function markMembers(): { readonly program: string; readonly process: number } {
  return { program: MARK, process: process.pid };
}

/** A file for other programs that exists only while this process serves. It never replaces a file of anyone else. */
export class OwnedFile {
  readonly path: string;
  readonly #option: string;

  /** @param option the option that names the file, for messages */
  constructor(option: string, path: string) {
    this.path = path;
    this.#option = option;
  }

  /** Removes a file that an ended process of this program left. Throws if the file can't be written. */
  prepare(): void {
    this.#requireFree();
    requireWritable(this.#option, dirname(this.path));
    rmSync(this.path, { force: true });
  }

  /**
   * Writes the file, readable only by its owner, whole or not at all. Throws if another program wrote one meanwhile.
   *
   * @param text begins with a mark
   */
  write(text: string): void {
    this.#requireFree();
    writePrivately(this.path, Buffer.from(text), `${this.path}.${process.pid}.new`);
  }

  /** Removes the file, unless another process has written it since. */
  remove(): void {
    if (existsSync(this.path) && OWNER.exec(readFileSync(this.path, 'utf8'))?.[1] === String(process.pid)) {
      rmSync(this.path, { force: true });
    }
  }

  #requireFree(): void {
    const owner = this.#owner();
    if (owner !== undefined && owner !== process.pid && isRunning(owner)) {
      throw new Error(`${this.#option}: expected a file that no vault uses, got one of process ${owner}`);
    }
  }

  /** Returns the process in the file's mark; undefined if there is no file. Throws if the file has no mark. */
  #owner(): number | undefined {
    const stats = statSync(this.path, { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    const owner = stats.isFile() ? OWNER.exec(readFileSync(this.path, 'utf8'))?.[1] : undefined;
    if (owner !== undefined) return Number(owner);
    const what = stats.isFile() ? 'a file of another program' : 'a folder or device';
    throw new UsageError(`${this.#option}: expected a new file, got ${what}: ${this.path} is not replaced`);
  }
}

/** Throws if a folder is missing or can't be written. */
function requireWritable(option: string, folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new UsageError(`${option}: expected a file in an existing folder, got none: ${folder}`);
  }
  try {
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    throw new Error(`${option}: expected a folder that can be written, got ${folder}`, { cause });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
