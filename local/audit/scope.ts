import { isList, isObject, type Json, textsOf } from './json';

/** The literal names of the account, the region and the partition in a template that was made for one of each. */
export interface Scope {
  readonly account: string | undefined;
  readonly region: string | undefined;
  readonly partition: string | undefined;
}

/** ARNs of a vault's own resources: topics, keys and secrets may be its owner's, of another region or account. */
const OWN = String.raw`^arn:(aws(?:-[a-z]+)*|\$\{AWS::Partition\}):(?:lambda|logs|rds|rds-db)`;
const OPEN = new RegExp(String.raw`${OWN}:.*\$\{AWS::AccountId\}`);
const LITERAL = new RegExp(String.raw`${OWN}:([a-z0-9-]*):(\d{12}):(?!code-signing-config:)`);

/** Returns the names in a vault's ARNs if more of them have literal names than leave them to CloudFormation. */
export function readScope(values: readonly Json[]): Scope {
  const texts = values.flatMap(textsOf);
  const open = texts.filter((text) => OPEN.test(text));
  const literal = texts.flatMap((text) => [LITERAL.exec(text) ?? []].filter(({ length }) => length > 0));
  if (literal.length <= open.length) return { account: undefined, region: undefined, partition: undefined };
  const part = (index: number) => mostFrequent(literal.map((match) => match[index] ?? ''));
  const partition = part(1);
  return { partition: partition?.startsWith('aws') ? partition : undefined, region: part(2), account: part(3) };
}

function mostFrequent(texts: readonly string[]): string | undefined {
  const named = texts.filter((text) => text !== '');
  const counts = Map.groupBy(named, (text) => text);
  return [...counts].sort(([, a], [, b]) => b.length - a.length)[0]?.[0];
}

/** Returns a canonical value with CloudFormation's own names for account, region and partition. */
export function withPseudoNames(value: Json, scope: Scope): Json {
  if (scope.account === undefined) return value;
  if (typeof value === 'string') return withNames(value, scope);
  if (isList(value)) return value.map((each) => withPseudoNames(each, scope));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withPseudoNames(member, scope)]));
}

function withNames(text: string, { account, region, partition }: Scope): string {
  let named = text;
  if (account !== undefined) named = named.replace(new RegExp(`(?<!\\d)${account}(?!\\d)`, 'g'), '${AWS::AccountId}');
  if (region !== undefined) named = named.replaceAll(region, '${AWS::Region}');
  if (partition !== undefined) named = named.replaceAll(`arn:${partition}:`, 'arn:${AWS::Partition}:');
  return named;
}
