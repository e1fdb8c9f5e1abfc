import type { TlsFloor } from '../tls-floor';

/**
 * Returns the cluster's parameters: no connection without TLS; an audit of schema changes, of roles, and of every
 * access to the vault's tables that bypasses its functions (docs/adr/0008-audit-past-the-functions.md); and never a
 * bound value in the log, since ciphertext and user ids are bound. The vault binds every value, so the audit may log
 * the text of statements.
 */
export function databaseParameters(tlsFloor: TlsFloor): Record<string, string> {
  return {
    'rds.force_ssl': '1',
    ssl_min_protocol_version: tlsFloor,
    shared_preload_libraries: 'pg_stat_statements,pgaudit',
    'pgaudit.role': 'rds_pgaudit',
    // `write` covers TRUNCATE, which the audit of tables lacks
    'pgaudit.log': 'ddl,role,write',
    'pgaudit.log_parameter': '0',
    log_connections: '1',
    log_disconnections: '1',
    log_statement: 'none',
    log_min_duration_statement: '-1',
    log_parameter_max_length: '0',
    log_parameter_max_length_on_error: '0',
  };
}
