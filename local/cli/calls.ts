import type { FunctionCall } from '../emulator/deploy';

/** The widths of the columns: with the time, the outcome, the duration and the spaces, a line has 80 characters. */
const WIDTHS = { function: 20, actor: 12, code: 21 } as const;

/** Returns a call as a line: time, function, actor, outcome, code or HTTP status, duration. */
export function callLine(call: FunctionCall, environment: string | undefined): string {
  const { at, qualifier = '-', outcome, code, status, milliseconds } = call;
  return [
    new Date(at).toTimeString().slice(0, 8),
    cell(shortName(call.function, environment), WIDTHS.function),
    cell(qualifier, WIDTHS.actor),
    outcome.padEnd('refused'.length),
    cell(code ?? String(status ?? ''), WIDTHS.code),
    durationOf(milliseconds).padStart(7),
  ].join(' ');
}

/** Returns the name of a vault's function without its prefix, such as `unseal`. */
function shortName(name: string, environment: string | undefined): string {
  const prefix = `share-vault-${environment ?? ''}-`;
  return environment !== undefined && name.startsWith(prefix) ? name.slice(prefix.length) : name;
}

function cell(text: string, width: number): string {
  return (text.length > width ? `${text.slice(0, width - 1)}…` : text).padEnd(width);
}

function durationOf(milliseconds: number): string {
  return milliseconds < 9_999 ? `${milliseconds.toFixed(0)} ms` : `${(milliseconds / 1_000).toFixed(1)} s`;
}
