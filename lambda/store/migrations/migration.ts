/** One step of the schema. Once released it never changes: its SHA-256 stands in every database that has it. */
export interface Migration {
  /** sorts after every older one's */
  readonly name: string;
  readonly sql: string;
}
