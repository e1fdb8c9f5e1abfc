/**
 * Every parameter of the cluster's group by its exact name, with the reviewed values. RDS refuses a mistyped name at
 * deploy; these are from Aurora PostgreSQL's own list for cluster parameter groups.
 */
export const REVIEWED_PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  // no connection without TLS, whatever the client asks for
  'rds.force_ssl': ['1'],
  ssl_min_protocol_version: ['TLSv1.2', 'TLSv1.3'],
  shared_preload_libraries: ['pg_stat_statements,pgaudit'],
  'pgaudit.role': ['rds_pgaudit'],
  'pgaudit.log': ['ddl,role,write'],
  // bound values carry ciphertext and user ids: none may reach the log, by none of these ways
  'pgaudit.log_parameter': ['0'],
  log_parameter_max_length: ['0'],
  log_parameter_max_length_on_error: ['0'],
  log_statement: ['none'],
  log_min_duration_statement: ['-1'],
  log_connections: ['1'],
  log_disconnections: ['1'],
};
