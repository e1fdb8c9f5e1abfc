import { ELSEWHERE_ENV } from '../../../lambda/contract/elsewhere';
import type { StandInsOf } from '../../emulator/deploy';
import type { StandIn } from '../../emulator/elsewhere/stand-in';
import type { FunctionPart } from '../../emulator/template';
import { azureStandIns } from './azure';
import { googleStandIns } from './google';
import { vaultStandIns } from './hashicorp';
import { keyUses, otherKeysOf } from './uses';

/** Returns stand-ins for the services outside AWS that hold the keys of a template's vault. */
export async function standInsOf(of: StandInsOf): Promise<readonly StandIn[]> {
  const uses = keyUses(of.template);
  return [...googleStandIns(uses, of), ...(await azureStandIns(uses, of)), ...vaultStandIns(uses, of)];
}

/** Returns whether a function's variables name a key or a store outside AWS. */
export function callsElsewhere({ environment }: FunctionPart): boolean {
  return ELSEWHERE_ENV.otherKeys in environment || ELSEWHERE_ENV.bodyStore in environment;
}

/** Returns a function's variables without the private authorities of addresses: the stand-ins have one of their own. */
export function elsewhereVariables(part: FunctionPart): Readonly<Record<string, string>> {
  const keys = otherKeysOf(part);
  if (keys.length === 0) return {};
  const withoutAuthority = keys.map((key) => {
    const { ca: _ca, ...others } = { ca: undefined, ...key };
    return others;
  });
  return { [ELSEWHERE_ENV.otherKeys]: JSON.stringify(withoutAuthority) };
}
