import { ACTOR_PATTERN } from '../../../lambda/contract/patterns';
import { MATERIALS, type Kind, type MaterialName } from '../../../lambda/contract/kinds';
import { CONSUMER_ENV } from '../../../lambda/contract/variables';
import type { Wallet } from '../../requests';
import { type Context, type Options, UsageError, type Values, required, textOf } from '../command';

/** Options that several commands for data have. */
export const WALLET: Options = {
  wallet: { value: 'ID', about: "the wallet's id" },
  chain: { value: 'NAME', about: 'its chain, such as EVM' },
};
export const ACTOR: Options = {
  actor: { value: 'NAME', about: 'the actor as whom to call the vault (by default $SHARE_VAULT_ACTOR)' },
};
export const JSON_OUTPUT: Options = { json: { about: 'print JSON' } };
export const SPAN: Options = {
  from: { value: 'TIME', about: 'the beginning, such as 2026-01-31 or 2026-01-31T12:00:00Z, in UTC' },
  until: { value: 'TIME', about: 'the end, not included' },
};

/** The options that name a file for each material. */
export const MATERIAL_OPTIONS: Readonly<Record<MaterialName, string>> = {
  delegatedShare: 'delegated-share',
  walletApiKey: 'wallet-api-key',
  serverKeyShares: 'server-key-shares',
};
export const MATERIAL_NAMES: readonly MaterialName[] = Object.values(MATERIALS).flat();

/** Returns the material that an option's value names. Throws `UsageError` for another value, without quoting it. */
export function materialNamed(option: string, value: string): MaterialName {
  const name = MATERIAL_NAMES.find((each) => MATERIAL_OPTIONS[each] === value);
  if (name !== undefined) return name;
  throw new UsageError(`--${option}: expected ${Object.values(MATERIAL_OPTIONS).join(', ')}, got another`);
}

export function walletOf(values: Values): Wallet {
  return { walletId: required(values, 'wallet'), chain: required(values, 'chain') };
}

/** @param option - that names the actor as whom to call */
export function actorOf({ env }: Pick<Context, 'env'>, values: Values, option = 'actor'): string {
  const actor = textOf(values, option) ?? env[CONSUMER_ENV.actor] ?? '';
  if (actor === '') throw new UsageError(`expected --${option}, got none`);
  if (ACTOR_PATTERN.test(actor)) return actor;
  throw new UsageError(`--${option}: expected lower-case letters, digits and hyphens, got something else`);
}

/** Returns the kind that has all of these materials. */
export function kindOf(names: readonly MaterialName[]): Kind {
  const [kind] = kindsWith(names);
  if (kind !== undefined && names.length > 0) return kind;
  const [share, key, shares] = MATERIAL_NAMES.map((name) => `--${MATERIAL_OPTIONS[name]}`);
  throw new UsageError(`expected ${share} and ${key}, or ${shares}, got ${names.length === 0 ? 'none' : 'others'}`);
}

function kindsWith(names: readonly MaterialName[]): readonly Kind[] {
  const all: readonly (readonly [Kind, readonly MaterialName[]])[] = [
    ['delegated-share', MATERIALS['delegated-share']],
    ['server-key-shares', MATERIALS['server-key-shares']],
  ];
  return all.filter(([, held]) => names.every((name) => held.includes(name))).map(([kind]) => kind);
}

/** Reads a whole number. */
export function numberOf(values: Values, name: string): number | undefined {
  const text = textOf(values, name);
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new UsageError(`--${name}: expected a whole number, got something else`);
}

/** Reads a span of time. */
export function spanOf(values: Values): { readonly from?: string; readonly until?: string } {
  const [from, until] = [timeOf(values, 'from'), timeOf(values, 'until')];
  if (from !== undefined && until !== undefined && from >= until) {
    throw new UsageError('--until: expected a time after --from, got an earlier one');
  }
  return { ...(from !== undefined && { from }), ...(until !== undefined && { until }) };
}

/** Reads a time. */
export function timeOf(values: Values, name: string): string | undefined {
  const text = textOf(values, name);
  if (text === undefined) return undefined;
  const time = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z)?$/.test(text) ? new Date(text) : undefined;
  // 31 February is read as a day in March
  if (time !== undefined && !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text.slice(0, 10))) {
    return time.toISOString();
  }
  throw new UsageError(`--${name}: expected a time such as 2026-01-31 or 2026-01-31T12:00:00Z, got something else`);
}
