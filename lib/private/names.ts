import { ArnFormat, Fn, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Returns a function's name, fixed by environment and operation. Policies, consumers in other stacks and imports can
 * use it without a reference, and references cause cycles between stacks.
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

/** Returns the name of a parameter that consumers look up. */
export function parameterName(environment: string, ...path: readonly string[]): string {
  return ['', 'share-vault', environment, ...path].join('/');
}

/**
 * Returns the suffix for the names of retained resources, so that the next stack finds none of them taken: 12
 * hexadecimal digits of the stack's own id, different for each stack. They are the first two groups of the UUID, its
 * time; the last group is the same for many stacks.
 */
export function stackSuffix(scope: IConstruct): string {
  const groups = Fn.split('-', Fn.select(2, Fn.split('/', Stack.of(scope).stackId)));
  return `${Fn.select(0, groups)}${Fn.select(1, groups)}`;
}

/** Tag of every taggable resource of a vault. */
export const ENVIRONMENT_TAG = 'share-vault:environment';

/** IAM path of every role and managed policy of a vault: the sample service control policies use it. */
export const IAM_PATH = '/share-vault/';
/** Path of the roles that run reseals: the sample policies let the first of them invoke a function. */
export const RESEAL_PATH = `${IAM_PATH}reseal/`;
/** Path of the roles that disable share keys: people assume them, which the sample policies deny for the other paths. */
export const EMERGENCY_PATH = '/share-vault-emergency/';
/** Path of the roles that run restore tests: the sample policies let the first of them invoke a function. */
export const RESTORE_TEST_PATH = `${IAM_PATH}restore-test/`;
