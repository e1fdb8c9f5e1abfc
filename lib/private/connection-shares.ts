/**
 * How the connections of a database are shared between the functions that callers invoke. Each of their executions holds
 * one. docs/adr/0020-connections.md has the reasons.
 */

/** Aurora's default `max_connections` by maximum capacity: the user guide's table, on a line up to the cap. */
const CONNECTIONS: readonly (readonly [units: number, connections: number])[] = [
  [1, 189],
  [4, 823],
  [8, 1_669],
  [16, 3_360],
  [32, 5_000],
];
/** With a minimum capacity of 0 or 0.5 units there are no more. */
const SMALL_MINIMUM = 0.5;
const MOST_WITH_SMALL_MINIMUM = 2_000;
/**
 * Connections that no function of callers gets: 5 that PostgreSQL and RDS reserve for administrators, 10 of RDS itself, 18
 * of migration and reseal (8 workers and the receipt with two each), 17 for people: auditors, a console, a restore.
 */
export const OTHER_CONNECTIONS = 50;
/** The most that is reserved in an account, whose quota is 1,000 by default and of which 100 stay unreserved. */
export const MOST_RESERVED = 400;
/** No function is left with one execution: a second caller would be refused. */
const LEAST_SHARE = 2;

/** Percentages by handler. The webhook's is its own, so that no load of callers keeps deliveries out. */
const PERCENTAGES: Readonly<Record<string, number>> = {
  ...{ receive: 25, seal: 20, unseal: 35, revoke: 5, properties: 8, audit: 3 },
  ...{ freeze: 1, thaw: 1 },
};

/** The handlers that callers and the webhook invoke. */
export const CALLED_HANDLERS: readonly string[] = Object.keys(PERCENTAGES);

/** Capacity of a database in Aurora capacity units. */
export interface Capacity {
  readonly minCapacity: number;
  readonly maxCapacity: number;
}

/** Returns Aurora's default `max_connections`, never more than it is. */
export function maxConnections({ minCapacity, maxCapacity }: Capacity): number {
  const most = minCapacity <= SMALL_MINIMUM ? MOST_WITH_SMALL_MINIMUM : Number.POSITIVE_INFINITY;
  return Math.min(onLine(maxCapacity), most);
}

/**
 * Returns how many executions are reserved for a handler; undefined for one that no caller invokes. Only half of the
 * connections is shared out: after a deploy, environments of the former version hold theirs for another minute.
 */
export function reservedFor(handler: string, capacity: Capacity): number | undefined {
  const percentage = PERCENTAGES[handler];
  if (percentage === undefined) return undefined;
  const shared = Math.min(MOST_RESERVED, Math.floor((maxConnections(capacity) - OTHER_CONNECTIONS) / 2));
  return Math.max(LEAST_SHARE, Math.floor((shared * percentage) / 100));
}

/** Returns the sum of what is reserved for all handlers. */
export function reservedInAll(capacity: Capacity): number {
  return CALLED_HANDLERS.reduce((sum, handler) => sum + (reservedFor(handler, capacity) ?? 0), 0);
}

function onLine(units: number): number {
  const next = CONNECTIONS.findIndex(([at]) => at >= units);
  const [to = CONNECTIONS.at(-1), from = to] = [CONNECTIONS[next], CONNECTIONS[next - 1]];
  if (to === undefined || from === undefined) return 0;
  if (next < 0 || to === from) return to[1];
  return Math.floor(from[1] + ((to[1] - from[1]) * (units - from[0])) / (to[0] - from[0]));
}
