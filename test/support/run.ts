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
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countSecrets } from './scan';

/**
 * One run of the suite: a folder in which every test leaves the logs of the processes that it started and the
 * materials that it used, so that the end of the run can look for the ones in the others.
 */
const VARIABLE = 'SHARE_VAULT_TEST_RUN';

/** Other users may pass through but list nothing: if tests run as root, PostgreSQL's own user has to. */
const PASSABLE = 0o711;

/** Whatever a test leaves in the system's folder for temporary files is in this run's own, and goes with it. */
export function beginRun(): void {
  const dir = mkdtempSync(join(tmpdir(), 'share-vault-test-'));
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

/** A folder for the logs of one local vault, database or endpoint: whatever is written there is scanned at the end. */
export function logFolder(): string {
  return mkdtempSync(join(runFolder('logs'), 'of-'));
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/**
 * Random bytes to be used as a material; every log of the run is searched for them. At least 24 bytes to be found. They
 * are printable, as real materials are: one that was made a string by mistake is then found as well.
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
  const logs = existsSync(join(dir, 'logs'))
    ? readdirSync(join(dir, 'logs'), { recursive: true, withFileTypes: true })
    : [];
  const files = logs.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = files.map((file) => ({ file, content: readFileSync(file) }));
  return {
    files: files.length,
    bytes: contents.reduce((sum, { content }) => sum + content.length, 0),
    materials: materials.length,
    leaks: contents.filter(({ content }) => countSecrets(content, materials) > 0).map(({ file }) => file),
  };
}

export function endRun(): void {
  // a process that is about to end may still write there: its files must not fail the run
  rmSync(runDir(), { recursive: true, force: true, maxRetries: 5 });
}
