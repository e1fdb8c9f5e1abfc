import { ENV } from '../../../lambda/contract/variables';
import type { Decision } from '../../emulator/authorization';
import type { StackTemplate } from '../../emulator/template';
import { isFunction } from '../../vault/functions';
import { type Request, decision } from './cell';
import { recoveryKeysOf } from './keys-elsewhere';
import { requestsOf } from './matrix';
import { type NamedPrincipal, templatePrincipals } from './template-principals';
import { VaultPolicies } from './vault-policies';

/** The decisions of a vault's policies on every request by every principal. */
export interface TemplateMatrix {
  readonly environment: string;
  readonly vault: VaultPolicies;
  /** fingerprints of the keys that can open every new record, by name */
  readonly recoveryKeys: ReadonlyMap<string, string>;
  readonly principals: readonly NamedPrincipal[];
  readonly requests: readonly Request[];
  /** principal by principal, each in the order of `requests` */
  readonly cells: readonly Cell[];
}

export interface Cell {
  readonly principal: NamedPrincipal;
  readonly request: Request;
  readonly decision: Decision;
}

/** Returns the environments of a template's vaults. */
export function environmentsOf(template: StackTemplate): readonly string[] {
  const seals = template.functions().filter((part) => isFunction(part, 'seal'));
  return seals.map(({ environment }) => environment[ENV.environment] ?? '');
}

/** Decides every request to a vault. Throws if the template lacks a part that each vault has. */
export async function matrixOf(template: StackTemplate, environment: string): Promise<TemplateMatrix> {
  const vault = new VaultPolicies(template, environment);
  const principals = templatePrincipals(vault, template);
  const requests = requestsOf(vault);
  const pairs = principals.flatMap((principal) => requests.map((request) => ({ principal, request })));
  const cells = await Promise.all(
    pairs.map(async (pair) => ({ ...pair, decision: await decision(pair.request, pair.principal) })),
  );
  return { environment, vault, recoveryKeys: recoveryKeysOf(vault), principals, requests, cells };
}
