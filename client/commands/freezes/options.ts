import { CONSUMER_ENV } from '../../../lambda/contract/variables';
import { type Context, type Options, UsageError, type Values, required, textOf } from '../command';
import { JSON_OUTPUT, actorOf } from '../data/options';
import { shellQuote } from '../shell-quote';

/** Common options of the commands about freezes: `--actor` names whom to freeze, so `--as` names the caller. */
export const FREEZING: Options = {
  as: { value: 'NAME', about: `the actor as whom to call the vault (by default $${CONSUMER_ENV.actor})` },
  ...JSON_OUTPUT,
};

/** Returns the actor as whom to call, and the values by which a client is made for it. */
export function callerOf(context: Context, values: Values): { readonly actor: string; readonly values: Values } {
  const actor = actorOf(context, values, 'as');
  return { actor, values: { ...values, actor } };
}

/** The reason in printed commands. */
export const REASON_PLACEHOLDER = 'TEXT';

/** Reads the reason. Throws `UsageError` for the placeholder of a pasted command: the log of freezes would have it. */
export function reasonOf(values: Values): string {
  const reason = required(values, 'reason');
  if (reason !== REASON_PLACEHOLDER) return reason;
  throw new UsageError(`--reason: expected your reason, got the placeholder ${REASON_PLACEHOLDER}`);
}

/** Reads the number of a freeze. Throws `UsageError`. */
function freezeIdOf(text: string | undefined): number {
  if (text !== undefined && /^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new UsageError(`expected the number of a freeze, got ${text === undefined ? 'none' : 'something else'}`);
}

/** Reads the numbers of freezes, at least one, each once. Throws `UsageError`. */
export function freezeIdsOf(texts: readonly string[]): readonly number[] {
  const [first, ...others] = texts;
  return [...new Set([freezeIdOf(first), ...others.map(freezeIdOf)])];
}

/** Returns a command of this program to be pasted, for the same vault. */
export function nextCommand(context: Context, values: Values, words: readonly string[], caller: string): string {
  const { environment, region } = context;
  const profile = textOf(values, 'profile');
  const own = ['--environment', environment, ...(region === undefined ? [] : ['--region', region])];
  const all = ['share-vault', ...words, ...own, ...(profile === undefined ? [] : ['--profile', profile])];
  return `  ${[...all.map(shellQuote), '--as', caller].join(' ')}\n`;
}
