import { ENV } from '../../lambda/contract/variables';
import type { FunctionPart, StackTemplate } from '../emulator/template';

/** The functions that callers invoke. */
export const CALLER_FUNCTIONS = ['seal', 'unseal', 'revoke', 'properties', 'audit', 'freeze', 'thaw'] as const;
export const FUNCTION_KEYS = [...CALLER_FUNCTIONS, 'receive', 'migrate', 'reseal', 'restore-check'] as const;
export type FunctionKey = (typeof FUNCTION_KEYS)[number];

/** Returns a function's name, as the constructs set it. */
export function functionName(environment: string, key: FunctionKey): string {
  return `share-vault-${environment}-${key}`;
}

/** Returns the environment of the template's vault, or undefined if the template has no vault. */
export function environmentOf(template: StackTemplate): string | undefined {
  const seal = template.functions().find((part) => isFunction(part, 'seal'));
  return seal?.environment[ENV.environment];
}

/** Returns the environment of the template's vault. Throws if the template has no vault. */
export function requireVault(template: StackTemplate): string {
  const environment = environmentOf(template);
  if (environment === undefined) throw new Error('expected a template that holds a vault, got one without');
  return environment;
}

/**
 * Returns whether a template's function is the function `key` of a vault in the same template. The name decides,
 * because a consumer's own functions have the variable of the environment too.
 */
export function isFunction({ name, environment: variables }: FunctionPart, key: FunctionKey): boolean {
  const environment = variables[ENV.environment];
  return environment !== undefined && name === functionName(environment, key);
}
