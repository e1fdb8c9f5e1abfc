import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { createRunFolder } from './run-place';
import { SecretIndex } from './scan';

/**
 * One run of the suite, with a folder for all logs and used materials. The end of the run searches the logs for the
 * materials.
 */
const VARIABLE = 'SHARE_VAULT_TEST_RUN';

/** Other users may traverse but not list the folder: if tests run as root, PostgreSQL's own user needs that. */
const PASSABLE = 0o711;

/** Folder for the temporary files of tests. It is removed with the run's folder. */
export function beginRun(): void {
  const dir = createRunFolder();
  const temporary = join(dir, 'tmp');
  mkdirSync(temporary);
  for (const folder of [dir, temporary]) chmodSync(folder, PASSABLE);
  process.env[VARIABLE] = dir;
  process.env.TMPDIR = temporary;
}

function runDir(): string {
  const dir = process.env[VARIABLE];
  if (dir === undefined) throw new Error('expected the suite to be run by jest with its global setup');
  return dir;
}

/** Returns a folder of the run, by its name, for files that suites share. */
export function runFolder(name: string): string {
  const folder = join(runDir(), name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Returns a folder for the logs of a local vault, database or endpoint. The end of the run searches it. */
export function logFolder(): string {
  return mkdtempSync(join(runFolder('logs'), 'of-'));
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/**
 * Returns random bytes for a material, at least 24. The end of the run searches every log for them. They are printable, as
 * real materials are, so the search also finds a material that became a string by mistake.
 */
export function material(length: number): Buffer {
  const bytes = Buffer.from(randomBytes(length).map((byte) => LETTERS.charCodeAt(byte & 63)));
  if (length >= 24) appendFileSync(join(runDir(), 'materials'), `${bytes.toString('hex')}\n`);
  return bytes;
}

export interface LogScan {
  readonly files: number;
  readonly bytes: number;
  readonly materials: number;
  /** log files that hold a material */
  readonly leaks: readonly string[];
}

export function scanLogs(dir = runDir()): LogScan {
  const list = join(dir, 'materials');
  const lines = existsSync(list) ? readFileSync(list, 'utf8').trimEnd().split('\n') : [];
  const materials = lines.map((line) => Buffer.from(line, 'hex'));
  const index = new SecretIndex(materials);
  const logs = existsSync(join(dir, 'logs'))
    ? readdirSync(join(dir, 'logs'), { recursive: true, withFileTypes: true })
    : [];
  const files = logs.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = files.map((file) => ({ file, content: readFileSync(file) }));
  return {
    files: files.length,
    bytes: contents.reduce((sum, { content }) => sum + content.length, 0),
    materials: materials.length,
    leaks: contents.filter(({ content }) => index.isIn(content)).map(({ file }) => file),
  };
}

export function endRun(): void {
  // a process that is ending may still write here; its files must not fail the run
  rmSync(runDir(), { recursive: true, force: true, maxRetries: 5 });
}
