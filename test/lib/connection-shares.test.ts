import { describe, expect, test } from '@jest/globals';
import {
  CALLED_HANDLERS,
  MOST_RESERVED,
  OTHER_CONNECTIONS,
  maxConnections,
  reservedFor,
  reservedInAll,
} from '../../lib/private/connection-shares';

const CAPACITIES = [0, 0.5, 1].flatMap((minCapacity) =>
  Array.from({ length: 511 }, (_, index) => ({ minCapacity, maxCapacity: 1 + index / 2 })),
);

describe('the number of connections of a database', () => {
  test.each([
    // Aurora User Guide, "Maximum connections for Aurora Serverless v2"
    [1, 1, 189],
    [1, 4, 823],
    [1, 8, 1_669],
    [1, 16, 3_360],
    [1, 32, 5_000],
    [1, 64, 5_000],
    [1, 256, 5_000],
    [0.5, 8, 1_669],
    [0.5, 16, 2_000],
    [0, 256, 2_000],
  ])('with a minimum of %d and a maximum of %d units is %d', (minCapacity, maxCapacity, connections) => {
    expect(maxConnections({ minCapacity, maxCapacity })).toBe(connections);
  });

  test('between two documented capacities is on the line between them', () => {
    expect(maxConnections({ minCapacity: 0.5, maxCapacity: 2 })).toBe(400);
  });
});

describe('the reserved executions at every capacity', () => {
  test('of both versions during a deploy leave connections for the migration, the reseal and people', () => {
    const excess = CAPACITIES.filter((each) => 2 * reservedInAll(each) > maxConnections(each) - OTHER_CONNECTIONS);
    expect(excess).toEqual([]);
  });

  test('of both versions fit into the limit of their database role', () => {
    // lambda/store/bootstrap.ts gives half of all connections to a role, and a quarter to a reading one
    const excess = CAPACITIES.flatMap((capacity) =>
      CALLED_HANDLERS.map((handler) => {
        const part = handler === 'properties' || handler === 'audit' ? 4 : 2;
        const allowed = Math.floor(maxConnections(capacity) / part);
        return { handler, capacity, allowed, needed: 2 * (reservedFor(handler, capacity) ?? 0) };
      }),
    ).filter(({ allowed, needed }) => needed > allowed);
    expect(excess).toEqual([]);
  });

  test('are at least two for each function, and in all less than half of the default quota of an account', () => {
    for (const capacity of CAPACITIES) {
      expect(Math.min(...CALLED_HANDLERS.map((handler) => reservedFor(handler, capacity) ?? 0))).toBeGreaterThanOrEqual(
        2,
      );
      expect(reservedInAll(capacity)).toBeLessThanOrEqual(MOST_RESERVED);
    }
  });
});
