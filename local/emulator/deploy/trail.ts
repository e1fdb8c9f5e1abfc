import { appendFileSync, closeSync, existsSync, fchmodSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';

const ENTRY = v.object({
  at: v.pipe(v.string(), v.isoTimestamp()),
  principal: v.string(),
  action: v.string(),
  resource: v.string(),
  encryptionContext: v.optional(v.record(v.string(), v.string())),
  result: v.string(),
  message: v.optional(v.string()),
  requestId: v.string(),
});

/** A call as CloudTrail would record it, without plaintexts. */
export interface TrailEntry {
  /** ISO 8601 */
  readonly at: string;
  /** ARN of the session, or of the service */
  readonly principal: string;
  /** `kms:Decrypt` */
  readonly action: string;
  /** ARN, or the name in the request if the ARN couldn't be determined */
  readonly resource: string;
  readonly encryptionContext?: Readonly<Record<string, string>> | undefined;
  /** `ok`, an error's name, or `dropped` */
  readonly result: string;
  /** the message of a refusal */
  readonly message?: string | undefined;
  readonly requestId: string;
}

/** The number of entries in memory. The file keeps all of them. */
const ENTRIES = 10_000;

/** Returns the path of a data folder's trail: JSON lines that only the owner may read. */
export function trailFile(dataDir: string): string {
  return join(dataDir, 'trail.jsonl');
}

/** Reads a trail file, oldest entry first; empty if there is no file. Skips lines that a crash truncated. */
export function readTrail(file: string): readonly TrailEntry[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').split('\n').flatMap(readEntry);
}

/** Reads an entry from a line; empty if the line is not an entry. */
export function readEntry(line: string): readonly TrailEntry[] {
  try {
    return [v.parse(ENTRY, JSON.parse(line))];
  } catch {
    return [];
  }
}

/** All KMS calls and all refused calls of any service. */
export class Trail {
  readonly #file: number | undefined;
  readonly #entries: TrailEntry[] = [];
  #closed = false;

  /** @param file the file to append to @default - entries are kept only in memory */
  constructor(file?: string) {
    this.#file = file === undefined ? undefined : openSync(file, 'a', 0o600);
    // an existing file keeps its former mode when it is opened
    if (this.#file !== undefined) fchmodSync(this.#file, 0o600);
  }

  /** the latest entries since the start, oldest first */
  get entries(): readonly TrailEntry[] {
    return this.#entries;
  }

  add(entry: TrailEntry): void {
    if (this.#closed) return;
    this.#entries.push(entry);
    if (this.#entries.length > ENTRIES) this.#entries.shift();
    if (this.#file !== undefined) appendFileSync(this.#file, `${JSON.stringify(entry)}\n`);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#file !== undefined) closeSync(this.#file);
  }
}
