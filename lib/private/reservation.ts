import type { FunctionOptions } from '../function-options';
import type { ShareDatabase } from '../share-database';

/** Returns the given number, else the function's share of the database's connections; undefined for none. */
export function reservationOf(
  props: FunctionOptions & { readonly handler: string; readonly database: ShareDatabase },
): number | undefined {
  const { reservedConcurrency, reserveConcurrency = true } = props;
  return reservedConcurrency ?? (reserveConcurrency ? props.database._reservedFor(props.handler) : undefined);
}
