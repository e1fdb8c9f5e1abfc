import type { Context, Values } from '../command';
import type { Operation, withVault } from './vault';

/** Calls a vault as the actor of the command line: see `withVault`. */
export async function withClient<T>(
  context: Context,
  values: Values,
  operation: Operation,
  use: Parameters<typeof withVault<T>>[3],
): Promise<T> {
  // loaded on demand: the client's SDK would slow every other command down
  // eslint-disable-next-line no-restricted-syntax
  const vault = await import('./vault');
  return vault.withVault(context, values, operation, use);
}
