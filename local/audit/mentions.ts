import { isList, isObject, type Json } from './json';

/** A place in a resource outside a vault that mentions a resource of the vault. */
export interface Mention {
  readonly property: string;
  /** The canonical text: `${Keys/ShareKey/Key/Resource#Arn}`, or a text with a name of the vault's. */
  readonly text: string;
}

/** The beginning of a vault's names: functions, database, parameters, secrets, the tag. */
const NAMED = /(?<![A-Za-z0-9-])share-vault[-/:]/i;
/** Names of clusters that their owner chose, in texts about clusters. */
const CLUSTER = /(?:^(?=[a-z0-9-]+$)|:cluster:|\/aws\/rds\/cluster\/)([a-z][a-z0-9-]*)(?=$|[:/])/i;
const REFERENCE = /\$\{(?!@|!|AWS::)[^{}]+\}/;

export function isMention(text: string): boolean {
  return NAMED.test(text) || REFERENCE.test(text);
}

/** Returns every mention of a vault in a canonical value, including names of members. */
export function mentionsIn(value: Json, property: string): readonly Mention[] {
  if (typeof value === 'string') return isMention(value) ? [{ property, text: value }] : [];
  if (isList(value)) return value.flatMap((each, i) => mentionsIn(each, `${property}[${i}]`));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, each]) => {
    const at = `${property}.${name}`;
    const named = isMention(name) ? [{ property: at, text: name }] : [];
    return [...named, ...mentionsIn(each, at)];
  });
}

/** Returns every mention of a cluster by a name that its owner chose: names of others' resources may be the same. */
export function clusterMentionsIn(value: Json, property: string, clusters: ReadonlySet<string>): readonly Mention[] {
  if (typeof value === 'string') {
    const [whole = '', name = ''] = CLUSTER.exec(value) ?? [];
    const speaks = whole !== name || /ClusterIdentifiers?(\[\d+\])?$/.test(property);
    return speaks && clusters.has(name.toLowerCase()) ? [{ property, text: value }] : [];
  }
  if (isList(value)) return value.flatMap((each, i) => clusterMentionsIn(each, `${property}[${i}]`, clusters));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, each]) => clusterMentionsIn(each, `${property}.${name}`, clusters));
}
