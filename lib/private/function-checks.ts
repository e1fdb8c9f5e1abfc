import * as logs from 'aws-cdk-lib/aws-logs';
import type { FunctionOptions } from '../function-options';
import {
  refuse,
  requireDuration,
  requireFlag,
  requireList,
  requireMember,
  requireMembers,
  requireObject,
  requireText,
  requireWholeNumber,
} from './checks';
import { ELSEWHERE } from './elsewhere-patterns';
import { LIMITS, PATTERNS } from './patterns';

/** Throws for options of a function that Lambda or CloudWatch Logs would refuse, or that would disable it. */
export function requireFunctionOptions(options: FunctionOptions): void {
  const { memorySize, reservedConcurrency, reserveConcurrency, logRetention, bundles, codeSigningConfig, signedCode } =
    options;
  if (memorySize !== undefined) {
    requireWholeNumber('memorySize', memorySize, LIMITS.memorySize.min, LIMITS.memorySize.max);
  }
  if (reservedConcurrency !== undefined) {
    const { min, max } = LIMITS.reservedConcurrency;
    requireWholeNumber('reservedConcurrency', reservedConcurrency, min, max);
  }
  if (reserveConcurrency !== undefined) requireFlag('reserveConcurrency', reserveConcurrency);
  if (logRetention !== undefined) requireLogRetention(logRetention);
  if (codeSigningConfig !== undefined) {
    requireMembers('codeSigningConfig', codeSigningConfig, 'a CodeSigningConfig', ['codeSigningConfigArn']);
  }
  if (signedCode !== undefined) requireObject('signedCode', signedCode);
  if (bundles !== undefined) requireText('bundles', bundles, PATTERNS.directory);
}

/** Throws unless a function's further props are valid: name, login, timeout and variables. */
export function requireFunctionProps(props: {
  readonly handler: unknown;
  readonly elsewhere?: unknown;
  readonly outside?: unknown;
  readonly audiences?: unknown;
  readonly databaseUser?: unknown;
  readonly timeout?: unknown;
  readonly variables?: unknown;
}): void {
  const { handler, elsewhere, outside, audiences, databaseUser, timeout, variables } = props;
  requireText('handler', handler, PATTERNS.handler);
  if (elsewhere !== undefined) requireFlag('elsewhere', elsewhere);
  if (outside !== undefined) requireFlag('outside', outside);
  if (audiences !== undefined) requireAudiences(audiences);
  if (databaseUser !== undefined) requireText('databaseUser', databaseUser, PATTERNS.databaseUser);
  if (timeout !== undefined) requireDuration('timeout', timeout, 'seconds', LIMITS.timeoutSeconds);
  if (variables !== undefined) requireVariables(variables);
}

function requireAudiences(audiences: unknown): void {
  requireList('audiences', audiences);
  for (const audience of audiences) requireText('audiences', audience, ELSEWHERE.audience);
}

function requireVariables(variables: unknown): void {
  requireObject('variables', variables);
  for (const [name, value] of Object.entries(variables)) {
    requireText('variables', name, PATTERNS.variable);
    if (typeof value !== 'string') refuse('variables', `a text for ${name}`, value);
  }
}

/** Throws unless the value is a number of the enum, which also has names: CloudWatch accepts only these numbers. */
function requireLogRetention(retention: unknown): void {
  const days = Object.fromEntries(Object.entries(logs.RetentionDays).filter(([, value]) => typeof value === 'number'));
  requireMember('logRetention', retention, days);
}
