import { ALLOW_LIST, type AllowList } from './allow-list';
import { describeFinding, type Finding } from './finding';
import { TemplateAudit } from './template-audit';

export { ALLOW_LIST, type AllowList } from './allow-list';
export { describeFinding, type Finding } from './finding';

export interface AuditOptions {
  /** The environments whose vaults the template has to hold; by default any, or none. */
  readonly environments?: readonly string[];
  /**
   * The templates of other stacks by the stack's name, and of nested ones by their logical id: what they export and
   * return is then known.
   */
  readonly stacks?: Readonly<Record<string, unknown>>;
  readonly allowList?: AllowList;
}

/**
 * Compares a CloudFormation template with the allow-list, and returns what is not on it: of the vaults in it everything,
 * of all other resources what they do with a vault. Vaults are found by their tag; their resources by construct path,
 * or by logical id if the template has no paths. Throws if the value is no template.
 */
export function auditTemplate(template: unknown, options: AuditOptions = {}): readonly Finding[] {
  const findings = new TemplateAudit(template, options.allowList ?? ALLOW_LIST, options.stacks).findings(
    options.environments,
  );
  return findings.toSorted((a, b) => (describeFinding(a) < describeFinding(b) ? -1 : 1));
}
