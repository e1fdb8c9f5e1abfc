import { gzipSync } from 'node:zlib';
import { type ArchivedRow, NO_BITS, addBits, archivedLine, rowBits } from '../contract/log-archive';

/** Rows for an object of an archive, compressed page by page: a member of gzip each. The pages themselves are not kept. */
export class ArchivedRows {
  readonly #members: Buffer[] = [];
  #rows = 0;
  #bytes = 0;
  #bits = NO_BITS;

  get rows(): number {
    return this.#rows;
  }

  /** Bytes before they are compressed. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Exclusive or of the first 8 bytes of the rows' hashes, hex. */
  get bits(): string {
    return this.#bits;
  }

  add(page: readonly ArchivedRow[]): void {
    if (page.length === 0) return;
    const lines = Buffer.from(page.map(archivedLine).join(''), 'utf8');
    this.#members.push(gzipSync(lines));
    this.#rows += page.length;
    this.#bytes += lines.length;
    this.#bits = addBits([this.#bits, ...page.map(rowBits)]);
  }

  compressed(): Buffer {
    return Buffer.concat(this.#members);
  }
}
