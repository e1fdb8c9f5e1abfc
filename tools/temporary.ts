import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Creates a folder that takes all temporary files of this process, and removes it when the process ends. */
export function useTemporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'share-vault-tool-'));
  process.env.TMPDIR = folder;
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
