import { VaultError } from '../../../lambda/contract/errors';
import { type ArchivedRow, addBits, rowBits } from '../../../lambda/contract/log-archive';
import type { ArchiveBucket } from '../../../lambda/store/log-archive';
import type { FinishedArchive, LogPartition, LogPartitions } from '../../../lambda/store/old-log-partitions';

/** A bucket with calls that end at a chosen point: before an effect, or after it and without a response. */
export class FakeBucket implements ArchiveBucket {
  readonly objects = new Map<string, Buffer>();
  /** calls until one fails @default - none fails */
  failIn = Infinity;
  /** whether the call that fails has its effect */
  failsAfter = false;

  putOnce(key: string, body: Buffer, _signal?: AbortSignal): Promise<boolean> {
    return this.#call(() => {
      if (this.objects.has(key)) return false;
      this.objects.set(key, Buffer.from(body));
      return true;
    });
  }

  listOldest(prefix: string, after: string): ReturnType<ArchiveBucket['listOldest']> {
    return this.#call(() => {
      const keys = [...this.objects.keys()].sort().filter((key) => key.startsWith(prefix) && key > after);
      // pages of two: an archive has to read several
      const page = keys.slice(0, 2);
      const objects = page.map((key) => ({ key, versionId: '1', size: this.objects.get(key)?.length ?? 0 }));
      return { objects, next: keys.length > page.length ? page.at(-1) : undefined };
    });
  }

  get({ key }: { readonly key: string }): Promise<Buffer> {
    return this.#call(() => this.objects.get(key) ?? Buffer.alloc(0));
  }

  #call<T>(act: () => T): Promise<T> {
    this.failIn -= 1;
    const fails = this.failIn === 0;
    const result = !fails || this.failsAfter ? act() : undefined;
    const failure = new VaultError('StoreUnavailable', 'expected a response, got none');
    return fails || result === undefined ? Promise.reject(failure) : Promise.resolve(result);
  }
}

/** The rows of one partition, as the database has them. Drops them only if the archive has the same. */
export class FakePartitions implements LogPartitions {
  readonly finished: FinishedArchive[] = [];
  reads = 0;
  kept = 0;
  /** calls until the bases of all rows are kept */
  basePages = 2;

  constructor(
    private readonly partition: LogPartition,
    private readonly rows: readonly ArchivedRow[],
  ) {}

  listOld(): Promise<readonly LogPartition[]> {
    return Promise.resolve(this.finished.length === 0 ? [this.partition] : []);
  }

  read(_name: string, after: ArchivedRow | undefined, most: number): Promise<readonly ArchivedRow[]> {
    this.reads += 1;
    const start = this.rows.findIndex(({ entry }) => entry.hash === after?.entry.hash) + 1;
    return Promise.resolve(this.rows.slice(start, start + most));
  }

  keepBases(): Promise<boolean> {
    this.kept += 1;
    return Promise.resolve(this.kept >= this.basePages);
  }

  finish(_name: string, archive: FinishedArchive): Promise<void> {
    const isSame = archive.rows === this.rows.length && archive.bits === addBits(this.rows.map(rowBits));
    if (!isSame) return Promise.reject(new VaultError('Conflict', 'expected the rows of the partition, got others'));
    this.finished.push(archive);
    return Promise.resolve();
  }
}
