import { endRun, scanLogs } from './run';

/** No material in any log: all that the run's processes and databases wrote is searched for all materials it used. */
export default function globalTeardown(): void {
  const { files, bytes, materials, leaks } = scanLogs();
  if (leaks.length > 0) throw new Error(`materials found in logs, kept for a look: ${leaks.join(', ')}`);
  if (files > 0) {
    const kilobytes = Math.round(bytes / 1024);
    process.stderr.write(`Logs: ${files} files, ${kilobytes} KB, searched for ${materials} materials: none found\n`);
  }
  endRun();
}
