import type { FunctionOptions } from '../function-options';
import type { ShareDatabase } from '../share-database';

/** A new account has nothing to reserve. */
export function reservesByDefault({ environment }: { readonly environment: string }): boolean {
  return environment !== 'dev';
}

/** Returns the given number, else the function's share of the database's connections; undefined for none. */
export function reservationOf(
  props: FunctionOptions & { readonly environment: string; readonly handler: string; readonly database: ShareDatabase },
): number | undefined {
  const { reservedConcurrency, reserveConcurrency = reservesByDefault(props) } = props;
  return reservedConcurrency ?? (reserveConcurrency ? props.database._reservedFor(props.handler) : undefined);
}
