import { createAuthorizer, type Decision } from '../authorization';
import { join } from 'node:path';
import { accessRequestOf } from './access-request';
import { Authority } from './authority';
import type { DeployOptions, StackSource } from './contract';
import { requireSameStack } from './folder-stack';
import { Identities } from './identities';
import type { StackTemplate } from '../template';
import { nameKnownKeys } from './keys';
import { PhysicalNames } from './physical';
import { PolicyBook } from './policy-book';
import { readStacks } from './read';
import { Trail } from './trail';
import { requireUniqueNames } from './unique-names';

type Source = StackSource & Pick<DeployOptions, 'codeFolders' | 'dataDir'>;
type Input = Parameters<typeof accessRequestOf>[2];

/** The policies of a template that isn't deployed. */
export interface TemplatePolicies {
  readonly template: StackTemplate;
  /**
   * Returns the decision on a call, to be formatted by `explain` of `authorization`.
   *
   * @param input the principal, action, resource and context, as for `Deployed.explain`
   */
  decide(input: Input): Promise<Decision>;
}

/** Returns the decision on a call by a template that isn't deployed: see `TemplatePolicies`. */
export async function explainTemplate(source: Source, input: Input): Promise<Decision> {
  return templatePolicies(source).decide(input);
}

/**
 * Reads the policies of stacks.
 *
 * @param dataDir the data folder with the ARNs of the stacks' keys @default - none: the keys have derived ARNs
 */
export function templatePolicies({ dataDir, ...source }: Source): TemplatePolicies {
  const names = new PhysicalNames();
  const linked = readStacks(source, names);
  const { template, place } = linked;
  requireUniqueNames(linked);
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
  return { template, decide: async (input) => authority.decide(accessRequestOf(template, identities, input)) };
}
