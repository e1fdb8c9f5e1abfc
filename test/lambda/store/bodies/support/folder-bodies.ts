import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BodyPage, BodyStore } from '../../../../../lambda/store/bodies/body-store';

/** A body store in a folder, which several processes can use. */
export class FolderBodies implements BodyStore {
  readonly maxBytes = 200_000;

  constructor(private readonly folder: string) {}

  put(recordId: string, body: Uint8Array): Promise<string> {
    writeFileSync(join(this.folder, recordId), body, { flag: 'wx' });
    return Promise.resolve('1');
  }

  get(recordId: string): Promise<Buffer | undefined> {
    const file = join(this.folder, recordId);
    return Promise.resolve(existsSync(file) ? readFileSync(file) : undefined);
  }

  destroy(recordId: string): Promise<void> {
    rmSync(join(this.folder, recordId), { force: true });
    return Promise.resolve();
  }

  list(): Promise<BodyPage> {
    return Promise.resolve({ recordIds: readdirSync(this.folder) });
  }
}
