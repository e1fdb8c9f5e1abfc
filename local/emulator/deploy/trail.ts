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

/** A call as CloudTrail would tell of it: never what was encrypted. */
export interface TrailEntry {
  /** ISO 8601 */
  readonly at: string;
  /** ARN of the session, or of the service */
  readonly principal: string;
  /** `kms:Decrypt` */
  readonly action: string;
  /** ARN, or what the request named where the call didn't get that far */
  readonly resource: string;
  readonly encryptionContext?: Readonly<Record<string, string>> | undefined;
  /** `ok`, an error's name, or `dropped` */
  readonly result: string;
  /** of a refusal */
  readonly message?: string | undefined;
  readonly requestId: string;
}

/** Entries that are remembered; the file keeps them all. */
const ENTRIES = 10_000;

/** Where a data folder's trail is: a JSON object a line, which its owner alone may read. */
export function trailFile(dataDir: string): string {
  return join(dataDir, 'trail.jsonl');
}

/** The trail of a data folder, oldest first; none where there is no file. Lines that a crash cut off are left out. */
export function readTrail(file: string): readonly TrailEntry[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').split('\n').flatMap(readEntry);
}

/** None for what is no entry. */
export function readEntry(line: string): readonly TrailEntry[] {
  try {
    return [v.parse(ENTRY, JSON.parse(line))];
  } catch {
    return [];
  }
}

/** Every KMS call, and every refused call of any service. */
export class Trail {
  readonly #file: number | undefined;
  readonly #entries: TrailEntry[] = [];
  #closed = false;

  /** @param file appended to @default - kept nowhere */
  constructor(file?: string) {
    this.#file = file === undefined ? undefined : openSync(file, 'a', 0o600);
    // one that stood already keeps the mode that it had
    if (this.#file !== undefined) fchmodSync(this.#file, 0o600);
  }

  /** since the start, oldest first */
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
