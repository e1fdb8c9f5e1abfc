/** One step of the schema. Once released it never changes: its SHA-256 stands in every database that has it. */
export interface Migration {
  /** sorts after every older one's */
  readonly name: string;
  /** run in one transaction, unless there are indexes */
  readonly sql: string;
  /** all that the migration makes, one after another, each outside a transaction @default - none */
  readonly indexes?: readonly Index[];
}

/** An index on a table of the schema `vault`. */
export interface Index {
  readonly name: string;
  readonly table: string;
  readonly columns: string;
  /** rows that are in it @default - all */
  readonly where?: string;
}

export const createIndex = ({ name, table, columns, where }: Index): string =>
  `CREATE INDEX CONCURRENTLY ${name} ON vault.${table} (${columns})${where === undefined ? '' : ` WHERE ${where}`}`;

/** Returns a migration that builds indexes while the table is read and written, also if it has many rows. */
export function indexMigration(name: string, indexes: readonly Index[]): Migration {
  return { name, sql: indexes.map(createIndex).join(';\n'), indexes };
}
