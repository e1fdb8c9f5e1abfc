import facts from './replacement-properties.json';

/** Whether a changed property makes CloudFormation create another physical resource. */
export type Replacement = 'yes' | 'maybe' | 'no';

/** The properties of a resource type that replace it; generated from the CloudFormation resource specification. */
export interface ReplacementProperties {
  readonly yes: readonly string[];
  readonly maybe: readonly string[];
}

const FACTS: Readonly<Record<string, ReplacementProperties>> = facts;

const CUSTOM = /^(Custom::|AWS::CloudFormation::CustomResource$)/;

/** Returns whether the type's properties are known; changes of an unknown type can't be judged. */
export function isKnownType(type: string): boolean {
  return Object.hasOwn(FACTS, type) || isCustomResource(type);
}

export function isCustomResource(type: string): boolean {
  return CUSTOM.test(type);
}

export function replacementOf(type: string, property: string): Replacement {
  // its function replaces it by returning another physical id: no template shows that
  if (isCustomResource(type)) return 'no';
  const facts = FACTS[type];
  // safe side: a type that is unknown may be replaced by anything
  if (!facts) return 'maybe';
  if (facts.yes.includes(property)) return 'yes';
  return facts.maybe.includes(property) ? 'maybe' : 'no';
}
