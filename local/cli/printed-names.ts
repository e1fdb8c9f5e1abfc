import { relative } from 'node:path';
import { shellQuote } from '../../client/commands/shell-quote';

/** Returns the command that started this program, for printed examples. `share-vault` sets `SHARE_VAULT_PROGRAM`. */
export function programName(): string {
  if (process.env.SHARE_VAULT_PROGRAM === 'share-vault') return 'npx --no-install share-vault';
  return (process.argv[1] ?? '').endsWith('.ts')
    ? 'npx --no-install tsx local/cli.ts'
    : 'npx --no-install share-vault-local';
}

/** Returns the path relative to the user's working directory if that is shorter. */
export function shortestPath(path: string): string {
  const here = relative(process.env.INIT_CWD ?? '.', path);
  return here.length < path.length ? here : path;
}

/** Returns the shortest path as a word for a shell. */
export function shellPath(path: string): string {
  return shellQuote(shortestPath(path));
}
