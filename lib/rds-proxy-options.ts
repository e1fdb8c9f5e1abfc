/** Options of RDS Proxy. */
export interface RdsProxyOptions {
  /**
   * Percentage of the database's connections that the proxy may open, 10 to 90. The others are for the migration, the
   * reseal and people, who connect to the database itself.
   *
   * @default 75
   */
  readonly maxConnectionsPercent?: number;
}
