import { ALLOW_LIST } from '../../../../local/audit';
import type { Bound } from '../../../../local/audit/bindings';
import { isObject, type JsonObject } from '../../../../local/audit/json';
import { readResource } from '../../../../local/audit/template';
import { TemplateAudit } from '../../../../local/audit/template-audit';
import type { VaultAudit } from '../../../../local/audit/vault-audit';
import type { Member } from '../../../../local/audit/vaults';

const OUTPUTS = 'Outputs.';

function membersOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** Audits a template of one vault again and again with one resource changed, without the work for all others. */
export class Incremental {
  readonly members: readonly Member[];
  readonly #audit: TemplateAudit;
  readonly #vault: VaultAudit;
  readonly #bound: readonly Bound[];

  constructor(private readonly template: JsonObject) {
    this.#audit = new TemplateAudit(template, ALLOW_LIST);
    const [vault, ...others] = this.#audit.vaults;
    if (vault === undefined || others.length > 0) throw new Error(`expected one vault, got ${others.length}`);
    this.#vault = vault;
    this.members = [...vault.members.values()];
    this.#bound = this.members.flatMap((member) => this.#boundBy(member, member.resource.body));
  }

  /** Returns whether an audit of the template with another body for a resource would find something. */
  finds(id: string, body: JsonObject): boolean {
    const member = this.#member(id);
    if (this.#vault.compare(member, body).findings.length > 0) return true;
    const bound = [...this.#bound.filter((each) => each.id !== id), ...this.#boundBy(member, body)];
    return this.#vault.inconsistencies(bound).length > 0 || this.#changesFeatures(member, body);
  }

  #boundBy(member: Member, body: JsonObject): readonly Bound[] {
    return this.#vault.compare(member, body).bindings.map((each) => ({ ...each, id: member.resource.id }));
  }

  /** A vault of other features is compared as a whole. */
  #changesFeatures(member: Member, body: JsonObject): boolean {
    const members = this.members.map((each) =>
      each === member ? { ...member, resource: readResource(member.resource.id, body) } : each,
    );
    const now = this.#vault.featuresOf(members);
    if (JSON.stringify(now) === JSON.stringify(this.#vault.facts.features)) return false;
    return this.findsChanged(member.resource.id, body);
  }

  /** Returns whether an audit finds something in the template with another body for a resource or an output. */
  findsChanged(id: string, body: JsonObject): boolean {
    if (!id.startsWith(OUTPUTS)) return this.findsWhole({ ...membersOf(this.template.Resources), [id]: body });
    const { Type: _, Properties, ...rest } = body;
    return this.#findsIn({
      ...this.template,
      Outputs: {
        ...membersOf(this.template.Outputs),
        [id.slice(OUTPUTS.length)]: { ...rest, ...membersOf(Properties) },
      },
    });
  }

  /** Returns whether an audit finds something in the template without a resource. */
  findsWithout(id: string): boolean {
    const { [id]: _, ...rest } = membersOf(this.template.Resources);
    return this.findsWhole(rest);
  }

  /** Returns whether an audit finds something in the template without an output. */
  findsWithoutOutput(name: string): boolean {
    const { [name]: _, ...Outputs } = membersOf(this.template.Outputs);
    return this.#findsIn({ ...this.template, Outputs });
  }

  /** Returns whether an audit finds something in the template with other resources. */
  findsWhole(resources: JsonObject): boolean {
    return this.#findsIn({ ...this.template, Resources: resources });
  }

  #findsIn(template: JsonObject): boolean {
    const audit = new TemplateAudit(template, ALLOW_LIST);
    // gaps are found soonest
    return audit.vaults.some((vault) => vault.gaps().length > 0) || audit.findings().length > 0;
  }

  /** Returns whether an audit would find something in a resource beside the vault. */
  findsOutside(id: string, body: JsonObject): boolean {
    return this.#audit.outside(readResource(id, body)).length > 0;
  }

  #member(id: string): Member {
    const member = this.#vault.members.get(id);
    if (member === undefined) throw new Error(`expected a resource of the vault, got ${id}`);
    return member;
  }
}
