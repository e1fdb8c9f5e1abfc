import { ArnFormat, type Stack } from 'aws-cdk-lib';

/**
 * A function's name is fixed by environment and operation. Policies, consumers in other stacks and imports can then
 * say it without a reference, and references are what closes cycles between stacks.
 */
export function functionName(environment: string, operation: string): string {
  return `share-vault-${environment}-${operation}`;
}

export function functionArn(stack: Stack, environment: string, operation: string, qualifier?: string): string {
  const name = functionName(environment, operation);
  return stack.formatArn({
    service: 'lambda',
    resource: 'function',
    resourceName: qualifier === undefined ? name : `${name}:${qualifier}`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

/** Where consumers look things up in Parameter Store. */
export function parameterName(environment: string, ...path: readonly string[]): string {
  return ['', 'share-vault', environment, ...path].join('/');
}

/** Stands on everything of a vault that takes tags. */
export const ENVIRONMENT_TAG = 'share-vault:environment';

/** The IAM path of every role and managed policy of a vault: the sample service control policies name them by it. */
export const IAM_PATH = '/share-vault/';
