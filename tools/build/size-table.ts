import type { BundleReport } from './bundle';

/** The bundles' sizes, a line each, aligned: name, KB, KB after gzip. */
export function sizeTable(bundles: readonly BundleReport[]): string {
  const rows = bundles.map(({ name, bytes, gzipBytes }) => [name, kilobytes(bytes), kilobytes(gzipBytes)] as const);
  const table = [['bundle', 'KB', 'KB gzip'] as const, ...rows];
  const [first, second, third] = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table
    .map(([name, size, zipped]) =>
      [name.padEnd(first ?? 0), size.padStart(second ?? 0), zipped.padStart(third ?? 0)].join('  '),
    )
    .join('\n');
}

function kilobytes(bytes: number): string {
  return (bytes / 1024).toFixed(1);
}
