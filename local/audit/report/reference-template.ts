import { type VaultTemplate, readTemplate } from '../checks/template';
import type { Json } from '../json';
import type { TemplateJson } from '../lifecycle';
import { maskId } from '../plain';
import { STACK } from '../roles';
import { withPseudoNames } from '../scope';
import type { VaultAudit } from '../vault-audit';

/** The logical id of the vault in this repository's own stacks: the checks know their parts by it. */
const OWN_PREFIX = 'Vault';

/** A vault's part of a template, as the checks read it. */
export interface ReferenceTemplate {
  readonly template: VaultTemplate;
  /** Returns the template's logical id of a resource of a finding; undefined for a type or a missing resource. */
  readonly idOf: (id: string) => string | undefined;
}

/**
 * Returns a vault's resources under the logical ids that they have in this repository's own stacks, so that one set of
 * checks serves every app. Resources of others are left out, except those that have a finding of their own.
 */
export function referenceTemplate(
  vault: VaultAudit,
  { Resources }: TemplateJson,
  suspects: ReadonlySet<string>,
): ReferenceTemplate {
  const entries = Object.entries(Resources).filter(([id]) => vault.members.has(id) || suspects.has(id));
  const names = new Map(entries.map(([id]) => [id, ownName(id, vault)]));
  const renamed = [...names].every(([id, name]) => id === name)
    ? Object.fromEntries(entries)
    : rename(Object.fromEntries(entries), names);
  const ids = new Map([...names].map(([id, name]) => [maskId(name), id]));
  const { environment, resources } = readTemplate(vault.facts.environment, { Resources: renamed });
  // the checks know the account and the region by CloudFormation's names for them
  const named = resources.map((each) => ({ ...each, properties: withPseudoNames(each.properties as Json, vault.scope) })); // prettier-ignore
  return { template: { environment, resources: named }, idOf: (id) => ids.get(id) };
}

function ownName(id: string, { members, place }: VaultAudit): string {
  const member = members.get(id);
  const prefix = place.idPrefix;
  if (prefix === undefined || prefix === '' || !id.startsWith(prefix)) return id;
  if (member === undefined || member.role.path.startsWith(STACK)) return id;
  return `${OWN_PREFIX}${id.slice(prefix.length)}`;
}

/** Replaces logical ids wherever they are: names of members, references, and texts of substitutions. */
function rename(resources: TemplateJson['Resources'], names: ReadonlyMap<string, string>): TemplateJson['Resources'] {
  const text = JSON.stringify(resources).replace(/[A-Za-z0-9]+/g, (word) => names.get(word) ?? word);
  return JSON.parse(text) as TemplateJson['Resources'];
}
