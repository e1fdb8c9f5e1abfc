import type { TlsFloor } from '../tls-floor';

/**
 * The cluster's parameters: no connection without TLS, every statement on the vault's objects audited, and never a
 * bound value in the log, since ciphertext and user ids travel as such.
 */
export function databaseParameters(tlsFloor: TlsFloor): Record<string, string> {
  return {
    'rds.force_ssl': '1',
    ssl_min_protocol_version: tlsFloor,
    shared_preload_libraries: 'pg_stat_statements,pgaudit',
    'pgaudit.role': 'rds_pgaudit',
    'pgaudit.log': 'ddl,role',
    'pgaudit.log_parameter': '0',
    log_connections: '1',
    log_disconnections: '1',
    log_statement: 'none',
    log_min_duration_statement: '-1',
    log_parameter_max_length: '0',
    log_parameter_max_length_on_error: '0',
  };
}
