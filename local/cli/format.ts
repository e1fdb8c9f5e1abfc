import { UsageError, type Values } from '../../client/commands/command';

export type Format = 'text' | 'csv' | 'json';

/** Returns the output that `--csv` or `--json` asks for. Throws if both are given. */
export function formatOf({ csv, json }: Values): Format {
  if (csv === true && json === true) throw new UsageError('expected --csv or --json, got both');
  if (csv === true) return 'csv';
  return json === true ? 'json' : 'text';
}
