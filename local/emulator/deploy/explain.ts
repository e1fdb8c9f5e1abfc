import { createAuthorizer, type Decision } from '../authorization';
import { join } from 'node:path';
import { accessRequestOf } from './access-request';
import { Authority } from './authority';
import type { DeployOptions, StackSource } from './contract';
import { requireSameStack } from './folder-stack';
import { Identities } from './identities';
import { nameKnownKeys } from './keys';
import { PhysicalNames } from './physical';
import { PolicyBook } from './policy-book';
import { readStacks } from './read';
import { Trail } from './trail';

/**
 * Returns the decision on a call by stacks that aren't deployed, to be formatted by `explain` of `authorization`.
 *
 * @param dataDir the data folder with the ARNs of the stacks' keys @default - none: the keys have derived ARNs
 * @param input the principal, action, resource and context, as for `Deployed.explain`
 */
export async function explainTemplate(
  { dataDir, ...source }: StackSource & Pick<DeployOptions, 'codeFolders' | 'dataDir'>,
  input: Parameters<typeof accessRequestOf>[2],
): Promise<Decision> {
  const names = new PhysicalNames();
  const linked = readStacks(source, names);
  const { template, place } = linked;
  if (dataDir !== undefined) {
    requireSameStack(dataDir, linked);
    nameKnownKeys(names, join(dataDir, 'aws'));
  }
  const identities = new Identities(template);
  const authority = new Authority({
    ...{ place, identities, enabled: true, trace: undefined },
    book: new PolicyBook(template),
    authorizer: createAuthorizer(),
    trail: new Trail(),
  });
  return authority.decide(accessRequestOf(template, identities, input));
}
