import { ELSEWHERE_ENV } from '../../../lambda/contract/elsewhere';
import type { StandInsOf } from '../../emulator/deploy';
import type { StandIn } from '../../emulator/elsewhere/stand-in';
import type { FunctionPart } from '../../emulator/template';
import { azureStandIns } from './azure';
import { googleStandIns } from './google';
import { vaultStandIns } from './hashicorp';
import { type Uses, bodyStoreOf, bodyUses, keyUses, openingKeysOf, otherKeysOf } from './uses';

/** Returns stand-ins for the services outside AWS that hold the keys and bodies of a template's vault. */
export async function standInsOf(of: StandInsOf): Promise<readonly StandIn[]> {
  const uses: Uses = { keys: keyUses(of.template), bodies: bodyUses(of.template) };
  return [...googleStandIns(uses, of), ...(await azureStandIns(uses, of)), ...vaultStandIns(uses, of)];
}

/** Returns whether a function's variables name a key or a store outside AWS. */
export function callsElsewhere({ environment }: FunctionPart): boolean {
  return [ELSEWHERE_ENV.otherKeys, ELSEWHERE_ENV.openingKeys, ELSEWHERE_ENV.bodyStore].some(
    (name) => name in environment,
  );
}

/** Returns a function's variables without the private authorities of addresses: the stand-ins have one of their own. */
export function elsewhereVariables(part: FunctionPart): Readonly<Record<string, string>> {
  const [keys, opening] = [otherKeysOf(part), openingKeysOf(part)];
  const bodies = bodyStoreOf(part);
  return {
    ...(keys.length > 0 && { [ELSEWHERE_ENV.otherKeys]: JSON.stringify(keys.map(withoutAuthority)) }),
    ...(opening.length > 0 && { [ELSEWHERE_ENV.openingKeys]: JSON.stringify(opening.map(withoutAuthority)) }),
    ...(bodies !== undefined && { [ELSEWHERE_ENV.bodyStore]: JSON.stringify(withoutAuthority(bodies)) }),
  };
}

function withoutAuthority(description: object): object {
  const { ca: _ca, ...others } = { ca: undefined, ...description };
  return others;
}
