import { ALLOW_LIST, type AllowList } from './allow-list';
import { type CodeHashes, foreignCode } from './code-hashes';
import { describeFinding, type Finding } from './finding';
import { TemplateAudit } from './template-audit';

export { ALLOW_LIST, type AllowList } from './allow-list';
export type { CodeHashes } from './code-hashes';
export { describeFinding, type Finding } from './finding';

export interface AuditOptions {
  /** The environments of the vaults that the template has to hold; by default any, or none. */
  readonly environments?: readonly string[];
  /**
   * The templates of other stacks by the stack's name, and of nested ones by their logical id: their exports and
   * outputs are then known.
   */
  readonly stacks?: Readonly<Record<string, unknown>>;
  /**
   * Buckets with code beside the one of the CDK's default bootstrap; `${AWS::AccountId}` and `${AWS::Region}` stand for
   * the vault's own account and region.
   */
  readonly codeBuckets?: readonly string[];
  /** The archives that the functions of every vault in the template have to run; by default any archive of an asset. */
  readonly codeHashes?: CodeHashes;
  readonly allowList?: AllowList;
}

/**
 * Compares a CloudFormation template with the allow-list, and returns everything that is not on it. Vaults are compared
 * as a whole, all other resources in their uses of a vault. Vaults are found by their tag; their resources by construct
 * path, or by logical id if the template has no paths. Throws if the value is no template.
 */
export function auditTemplate(template: unknown, options: AuditOptions = {}): readonly Finding[] {
  const list = withCodeBuckets(options.allowList ?? ALLOW_LIST, options.codeBuckets ?? []);
  const audit = new TemplateAudit(template, list, options.stacks);
  const { codeHashes } = options;
  const code = codeHashes ? audit.vaults.flatMap(({ members }) => foreignCode(members.values(), codeHashes)) : [];
  return [...audit.findings(options.environments), ...code].toSorted((a, b) =>
    describeFinding(a) < describeFinding(b) ? -1 : 1,
  );
}

function withCodeBuckets(list: AllowList, buckets: readonly string[]): AllowList {
  return buckets.length === 0 ? list : { ...list, placeholders: list.placeholders.accepting('codeBucket', buckets) };
}
