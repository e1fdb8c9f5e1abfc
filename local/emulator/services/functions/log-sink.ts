import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** One line from a function's process, or from the endpoint on its behalf. */
export interface LogLine {
  /** the function's name */
  readonly function: string;
  /** `platform`: START, END and REPORT, as Lambda writes them */
  readonly stream: 'stdout' | 'stderr' | 'platform';
  /** the current invocation, if there was one */
  readonly requestId: string | undefined;
  readonly line: string;
}

/** Receives the lines of all functions: writes a file for each function and calls a listener. */
export interface LogSink {
  write(line: LogLine): void;
  close(): void;
}

/**
 * Opens a sink. It creates the folder if it's missing and appends to existing files.
 *
 * @param folder for `<function>.log` @default - no files
 * @param mayLog returns false to drop a function's lines
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
