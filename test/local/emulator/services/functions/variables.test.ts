import { describe, expect, test } from '@jest/globals';
import { variablesProblem } from '../../../../../local/emulator/services/functions/variables';

/** "Defined runtime environment variables" of the Lambda Developer Guide. */
const RESERVED = [
  ...['_HANDLER', '_X_AMZN_TRACE_ID', 'AWS_DEFAULT_REGION', 'AWS_REGION', 'AWS_EXECUTION_ENV'],
  ...['AWS_LAMBDA_FUNCTION_NAME', 'AWS_LAMBDA_FUNCTION_MEMORY_SIZE', 'AWS_LAMBDA_FUNCTION_VERSION'],
  ...['AWS_LAMBDA_INITIALIZATION_TYPE', 'AWS_LAMBDA_LOG_GROUP_NAME', 'AWS_LAMBDA_LOG_STREAM_NAME'],
  ...['AWS_ACCESS_KEY', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'],
  ...['AWS_LAMBDA_RUNTIME_API', 'LAMBDA_TASK_ROOT', 'LAMBDA_RUNTIME_DIR'],
];
const UNRESERVED = [
  ...['LANG', 'PATH', 'LD_LIBRARY_PATH', 'NODE_PATH', 'TZ', 'NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS', 'HOME'],
  ...['AWS_ENDPOINT_URL', 'AWS_USE_FIPS_ENDPOINT', 'AWS_LAMBDA_EXEC_WRAPPER', 'AWS_NODEJS_CONNECTION_REUSE_ENABLED'],
];

describe('the variables of a function', () => {
  test.each(UNRESERVED)('may have the name %s', (name) => {
    expect(variablesProblem({ [name]: 'value' })).toBeUndefined();
  });

  test.each(RESERVED)('may not have the name %s, which Lambda reserves', (name) => {
    expect(variablesProblem({ [name]: 'value' })).toBe(
      `expected no environment variable that Lambda reserves, got ${name}`,
    );
  });

  test.each(['A', '1A', '_OWN', 'A-B', 'A B', ''])('may not have the malformed name %j', (name) => {
    expect(variablesProblem({ [name]: 'value' })).toContain(`got ${JSON.stringify(name)}`);
  });

  test('may have 4 KiB together and no more', () => {
    const overhead = JSON.stringify({ NAME: '' }).length;

    expect(variablesProblem({ NAME: 'x'.repeat(4_096 - overhead) })).toBeUndefined();
    expect(variablesProblem({ NAME: 'x'.repeat(4_097 - overhead) })).toBe(
      'expected environment variables of at most 4096 bytes, got 4097',
    );
  });
});
