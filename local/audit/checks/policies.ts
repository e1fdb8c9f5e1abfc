import type { Check } from './finding';
import { members } from './template';

const NEGATED = ['NotAction', 'NotPrincipal', 'NotResource'];
const IDENTITIES = ['AWS::IAM::ManagedPolicy', 'AWS::IAM::Role'];

/** Statements name the actions that they allow: all but some would include every action that AWS adds. */
export const policiesNameWhatTheyAllow: Check = (template) =>
  template.resources.flatMap(({ id, properties }) =>
    objectsIn(properties)
      .filter((each) => each.Effect === 'Allow')
      .flatMap((statement) => NEGATED.filter((name) => name in statement))
      .map((name) => ({ resource: id, problem: `expected statements that name what they allow, got ${name}` })),
  );

/** Managed policies can be reviewed separately; a vault has roles, and no users, groups or access keys. */
export const policiesAreManaged: Check = (template) =>
  template.resources
    .filter(({ type }) => type.startsWith('AWS::IAM::') && !IDENTITIES.includes(type))
    .map(({ id, type }) => ({ resource: id, problem: `expected roles and managed policies alone, got ${type}` }));

function objectsIn(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  const inner = members(value).flatMap(([, member]) => objectsIn(member));
  return typeof value === 'object' && value !== null ? [value as Record<string, unknown>, ...inner] : inner;
}
