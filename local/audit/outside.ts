import { canonical } from './canonical';
import { type Finding, show } from './finding';
import { excessOf, identityPolicies } from './identity-policies';
import { at, type Json, textsOf } from './json';
import { clusterMentionsIn, isMention, mentionsIn } from './mentions';
import type { Resource } from './template';
import type { Touches } from './touches';

const EXPECTED = 'no such use of the vault';

/** Compares a resource outside all vaults with the uses of a vault that the allow-list has. */
export function auditOutside(
  resource: Resource,
  nameOf: (id: string) => string,
  touches: Touches,
  clusters: ReadonlySet<string>,
): readonly Finding[] {
  const { id, type, body } = resource;
  const properties = canonical(body.Properties ?? {}, nameOf);
  const finding = (property: string, got: string, expected = EXPECTED): Finding => ({ resource: id, path: type, property, expected, got }); // prettier-ignore
  const policies = identityPolicies(type, properties);
  const inPolicies = (property: string) => policies.some(([place]) => property.startsWith(place));
  const refused = touches.refusedType(type);
  return [
    ...(refused === undefined ? [] : [finding('', refused, 'no such resource')]),
    ...[...mentionsIn(properties, 'Properties'), ...clusterMentionsIn(properties, 'Properties', clusters)]
      .filter(({ property, text }) => !inPolicies(property) && !touches.allowsUse(type, property, text, properties))
      .map(({ property, text }) => finding(property, show(text, property))),
    ...policies.flatMap(([place, document]) =>
      excessOf(document, place, touches, at(properties, 'Path')).map(({ property, got }) => finding(property, got)),
    ),
    ...managedPolicies(properties)
      .filter((arn) => touches.isAdministrative(arn))
      .map((arn) => finding('Properties.ManagedPolicyArns', show(arn), 'no policy for all of the account')),
    ...touches.wideTexts(type, properties).map(({ property, text }) => finding(property, show(text, property))),
  ];
}

/** Returns a resource's managed policies; a permission set calls them `ManagedPolicies`. */
function managedPolicies(properties: Json): readonly string[] {
  return ['ManagedPolicyArns', 'ManagedPolicies'].flatMap((name) => textsOf((at(properties, name) ?? null) as Json));
}

/** Returns whether a resource mentions a vault at all. */
export function mentionsVault(resource: Resource, nameOf: (id: string) => string): boolean {
  return isMention(JSON.stringify(canonical(resource.body.Properties ?? {}, nameOf)));
}
