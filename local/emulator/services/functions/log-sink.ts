import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** One line that a function's process, or the endpoint on its behalf, wrote. */
export interface LogLine {
  /** the function's name */
  readonly function: string;
  /** `platform`: START, END and REPORT, as Lambda writes them */
  readonly stream: 'stdout' | 'stderr' | 'platform';
  /** the invocation that was under way, if one was */
  readonly requestId: string | undefined;
  readonly line: string;
}

/** Where all functions' lines go: a file for each function, and whoever listens. */
export interface LogSink {
  write(line: LogLine): void;
  close(): void;
}

/**
 * @param folder for `<function>.log`, appended to; made where it is missing; no files where absent
 * @param mayLog whether a function's lines go anywhere at all
 */
export function openLogSink(
  folder: string | undefined,
  onLog: ((line: LogLine) => void) | undefined,
  mayLog: (name: string) => boolean = () => true,
): LogSink {
  const files = new Map<string, number>();
  return {
    write: (entry) => {
      if (!mayLog(entry.function)) return;
      if (folder !== undefined) writeSync(fileOf(files, folder, entry.function), `${entry.line}\n`);
      onLog?.(entry);
    },
    close: () => {
      for (const file of files.values()) closeSync(file);
      files.clear();
    },
  };
}

function fileOf(files: Map<string, number>, folder: string, name: string): number {
  const open = files.get(name);
  if (open !== undefined) return open;
  mkdirSync(folder, { recursive: true });
  const file = openSync(join(folder, `${name}.log`), 'a', 0o600);
  files.set(name, file);
  return file;
}
