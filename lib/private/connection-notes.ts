import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { DatabaseOptions } from '../database-options';
import type { FunctionOptions } from '../function-options';
import { CALLED_HANDLERS, OTHER_CONNECTIONS, maxConnections, reservedInAll } from './connection-shares';

/** Options that determine how many connections the functions can need. */
interface ConnectionOptions extends DatabaseOptions, FunctionOptions {
  readonly webhook?: object;
}

/** Reports what the functions reserve of the account's quota, or warns if they can need more connections than there are. */
export function informOfConnections(scope: Construct, options: ConnectionOptions): void {
  const { minCapacity = 0.5, maxCapacity = 4, reservedConcurrency, reserveConcurrency, webhook } = options;
  const connections = maxConnections({ minCapacity, maxCapacity }) - OTHER_CONNECTIONS;
  if (reservedConcurrency !== undefined) {
    const functions = CALLED_HANDLERS.length - (webhook === undefined ? 1 : 0);
    const needed = reservedConcurrency * functions;
    if (needed > connections) {
      Annotations.of(scope).addWarningV2(
        'cdk-share-vault:connections',
        `reservedConcurrency: ${functions} functions with ${reservedConcurrency} executions can need ${needed} connections, twice as many for a minute after a deploy, and a database of ${maxCapacity} ACU has ${connections} for them: lower it, or raise maxCapacity`,
      );
    }
  } else if (reserveConcurrency !== false) {
    const reserved = reservedInAll({ minCapacity, maxCapacity });
    Annotations.of(scope).addInfoV2(
      'cdk-share-vault:reservedConcurrency',
      `the functions reserve up to ${reserved} concurrent executions by the database's connections, and 100 of the account's quota in this region must stay unreserved beside this and all other reservations: reserveConcurrency: false reserves none`,
    );
  }
}
