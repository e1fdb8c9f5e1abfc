import { ArnFormat, Fn, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

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

/**
 * Ends the names of everything that is retained, so that the stack made next finds none of them taken: 12 hexadecimal
 * digits of the stack's own id, new for each stack. They are the UUID's first two groups, its time; the last group is
 * the same for many stacks.
 */
export function stackSuffix(scope: IConstruct): string {
  const groups = Fn.split('-', Fn.select(2, Fn.split('/', Stack.of(scope).stackId)));
  return `${Fn.select(0, groups)}${Fn.select(1, groups)}`;
}

/** Stands on everything of a vault that takes tags. */
export const ENVIRONMENT_TAG = 'share-vault:environment';

/** The IAM path of every role and managed policy of a vault: the sample service control policies name them by it. */
export const IAM_PATH = '/share-vault/';
