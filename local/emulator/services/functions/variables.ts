/** Names that Lambda reserves: a function can't set them. All other names of its form are allowed. */
const RESERVED: ReadonlySet<string> = new Set([
  ...['_HANDLER', '_X_AMZN_TRACE_ID', 'LAMBDA_TASK_ROOT', 'LAMBDA_RUNTIME_DIR'],
  ...['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_EXECUTION_ENV'],
  ...['AWS_ACCESS_KEY', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'],
  ...['AWS_LAMBDA_FUNCTION_NAME', 'AWS_LAMBDA_FUNCTION_VERSION', 'AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
  ...['AWS_LAMBDA_INITIALIZATION_TYPE', 'AWS_LAMBDA_LOG_GROUP_NAME', 'AWS_LAMBDA_LOG_STREAM_NAME'],
  'AWS_LAMBDA_RUNTIME_API',
]);
const NAME = /^[a-zA-Z]([a-zA-Z0-9_])+$/;
/** The size of all variables together, as JSON: 4 KiB. */
const MAX_BYTES = 4_096;

/** Returns the reason that Lambda refuses a function's own variables; undefined if it accepts them. */
export function variablesProblem(variables: Readonly<Record<string, string>>): string | undefined {
  const bytes = Buffer.byteLength(JSON.stringify(variables));
  if (bytes > MAX_BYTES) return `expected environment variables of at most ${MAX_BYTES} bytes, got ${bytes}`;
  return namesProblem(Object.keys(variables));
}

/** Returns the reason that Lambda refuses names of variables; undefined if it accepts them. */
export function namesProblem(names: readonly string[]): string | undefined {
  const reserved = names.filter((name) => RESERVED.has(name));
  if (reserved.length > 0) return `expected no environment variable that Lambda reserves, got ${reserved.join(', ')}`;
  const malformed = names.filter((name) => !NAME.test(name));
  if (malformed.length === 0) return undefined;
  const got = malformed.map((name) => JSON.stringify(name)).join(', ');
  return `expected environment variables named by a letter and then letters, digits or underscores, got ${got}`;
}
