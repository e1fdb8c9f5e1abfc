import { ENV } from '../../lambda/contract/variables';
import type { FunctionPart, StackTemplate } from '../emulator/template';

/** The functions that callers invoke. */
export const CALLED = ['seal', 'unseal', 'revoke', 'properties', 'audit'] as const;
export const FUNCTION_KEYS = [...CALLED, 'receive', 'migrate'] as const;
export type FunctionKey = (typeof FUNCTION_KEYS)[number];

/** Returns the name that the constructs give a function. */
export function functionName(environment: string, key: FunctionKey): string {
  return `share-vault-${environment}-${key}`;
}

/** Returns the environment of the vault that a template holds; undefined if it holds none. */
export function environmentOf(template: StackTemplate): string | undefined {
  const seal = template.functions().find((part) => isFunction(part, 'seal'));
  return seal?.environment[ENV.environment];
}

/**
 * Returns whether a function of a template is this function of a vault in it. A consumer's own function has the
 * environment of its vault too, deployed here or elsewhere.
 */
export function isFunction({ name, environment: variables }: FunctionPart, key: FunctionKey): boolean {
  const environment = variables[ENV.environment];
  return environment !== undefined && name === functionName(environment, key);
}
