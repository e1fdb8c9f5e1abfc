import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { DatabaseOptions } from '../database-options';
import type { FunctionOptions } from '../function-options';
import { CALLED_HANDLERS, OTHER_CONNECTIONS, maxConnections, reservedInAll } from './connection-shares';

/** Reports what the functions reserve of the account's quota, or warns if they can need more connections than there are. */
export function informOfConnections(scope: Construct, options: DatabaseOptions & FunctionOptions): void {
  const { minCapacity = 0.5, maxCapacity = 4, reservedConcurrency, reserveConcurrency } = options;
  const connections = maxConnections({ minCapacity, maxCapacity }) - OTHER_CONNECTIONS;
  if (reservedConcurrency !== undefined) {
    const needed = reservedConcurrency * CALLED_HANDLERS.length;
    if (needed > connections) {
      Annotations.of(scope).addWarningV2(
        'cdk-share-vault:connections',
        `reservedConcurrency: ${CALLED_HANDLERS.length} functions with ${reservedConcurrency} executions can need ${needed} connections, and a database of ${maxCapacity} ACU has ${connections} for them: lower it, or raise maxCapacity`,
      );
    }
  } else if (reserveConcurrency !== false) {
    const reserved = reservedInAll({ minCapacity, maxCapacity });
    Annotations.of(scope).addInfoV2(
      'cdk-share-vault:reservedConcurrency',
      `the functions reserve up to ${reserved} concurrent executions by the database's connections, so the account's quota must be ${reserved + 100} at least: reserveConcurrency: false reserves none`,
    );
  }
}
