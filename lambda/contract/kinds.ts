/** The kinds of record, by their names in requests. */
export const KINDS = ['delegated-share', 'server-key-shares'] as const;
export type Kind = (typeof KINDS)[number];

/** The materials of a record of each kind, by their names in requests and responses. */
export const MATERIALS = {
  'delegated-share': ['delegatedShare', 'walletApiKey'],
  'server-key-shares': ['serverKeyShares'],
} as const satisfies Record<Kind, readonly string[]>;
export type MaterialName = (typeof MATERIALS)[Kind][number];

/** The `field` of an encryption context and of a transport header, for each material. */
export const FIELDS = {
  delegatedShare: 'delegated_share',
  walletApiKey: 'wallet_api_key',
  serverKeyShares: 'server_key_shares',
} as const satisfies Record<MaterialName, string>;
export type Field = (typeof FIELDS)[MaterialName];

/** Returns an object with a value for each name. */
export function byName<N extends string, T>(names: readonly N[], valueOf: (name: N) => T): Record<N, T> {
  return Object.fromEntries(names.map((name) => [name, valueOf(name)])) as Record<N, T>;
}

/** The names of the five pairs of every message's encryption context; docs/message-format.md describes the values. */
export const CONTEXT_NAMES = ['chain', 'environment', 'field', 'owner', 'record'] as const;
export type ContextName = (typeof CONTEXT_NAMES)[number];
