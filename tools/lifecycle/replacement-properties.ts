import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import type { Property, PropertyType, Resource, SpecDatabase } from '@aws-cdk/service-spec-types';

/** The properties that replace a resource of one type, certainly or perhaps. */
export interface Replacing {
  readonly yes: readonly string[];
  readonly maybe: readonly string[];
}

let specification: SpecDatabase | undefined;

/** Loading it takes a second. */
function loaded(): SpecDatabase {
  return (specification ??= loadAwsServiceSpecSync());
}

/**
 * Returns, for each CloudFormation type, the properties that replace its resources, from the specification that
 * `cdk diff` uses. A property with a member that replaces, itself harmless, is one that may replace.
 */
export function replacementProperties(types: readonly string[]): Readonly<Record<string, Replacing>> {
  const db = loaded();
  return Object.fromEntries([...types].sort().map((type) => [type, replacing(resource(db, type), db)]));
}

/** Returns the type's properties by name, with the specification's facts of each. */
export function propertiesOf(type: string): Readonly<Record<string, Property>> {
  return resource(loaded(), type).properties;
}

function resource(db: SpecDatabase, type: string): Resource {
  const [found] = db.lookup('resource', 'cloudFormationType', 'equals', type);
  if (!found) throw new Error(`expected a type of the CloudFormation specification, got ${type}`);
  return found;
}

function replacing({ properties, additionalReplacementProperties = [] }: Resource, db: SpecDatabase): Replacing {
  const further = additionalReplacementProperties.flatMap(([name = '']) => name);
  const named = (test: (property: Property, name: string) => boolean): readonly string[] =>
    Object.entries(properties)
      .filter(([name, property]) => test(property, name))
      .map(([name]) => name)
      .sort();
  const yes = named((property) => property.causesReplacement === 'yes');
  const maybe = named(
    (property, name) =>
      !yes.includes(name) &&
      (property.causesReplacement === 'maybe' || further.includes(name) || hasReplacingMember(property.type, db)),
  );
  return { yes, maybe };
}

function hasReplacingMember(type: PropertyType, db: SpecDatabase, seen: readonly string[] = []): boolean {
  if (type.type === 'array' || type.type === 'map') return hasReplacingMember(type.element, db, seen);
  if (type.type === 'union') return type.types.some((each) => hasReplacingMember(each, db, seen));
  if (type.type !== 'ref' || seen.includes(type.reference.$ref)) return false;
  return Object.values(db.get('typeDefinition', type.reference.$ref).properties).some(
    ({ causesReplacement = 'no', type: inner }) =>
      causesReplacement !== 'no' || hasReplacingMember(inner, db, [...seen, type.reference.$ref]),
  );
}
