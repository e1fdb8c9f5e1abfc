import type { ListedWallet } from '../../../lambda/contract/responses';
import { type Command, UsageError } from '../command';
import { EXIT } from '../exit-codes';
import { printable } from '../printable';
import { ACTOR, SPAN, numberOf, spanOf } from './options';
import { ascii, printLines } from '../output';
import { withClient } from './with-client';

export const wallets: Command = {
  name: 'wallets',
  summary: 'list the wallets of the vault',
  about:
    'Prints a line for each wallet: its chain, the kinds of its live records, its id, and its revocations. In a terminal each of them has lines of its own, below the chain and the id. With --from or --until, only wallets with rows of the access log in that time.',
  options: {
    ...SPAN,
    limit: { value: 'N', about: 'at most this many (by default all)' },
    ...ACTOR,
    json: { about: 'print JSON lines, with the head of each access log' },
  },
  examples: ['share-vault wallets --limit 20', 'share-vault wallets --from 2026-01-01 --json'],

  async run(context, values) {
    const limit = numberOf(values, 'limit') ?? Infinity;
    if (limit === 0) throw new UsageError('--limit: expected 1 or more, got 0');
    const span = spanOf(values);
    const show = values.json === true ? jsonLine : context.stdout.columns === undefined ? line : lines;
    await withClient(context, values, 'audit', (vault) =>
      printLines(context.stdout, map(take(vault.wallets(span), limit), show)),
    );
    return EXIT.done;
  },
};

function jsonLine(wallet: ListedWallet): string {
  return ascii(JSON.stringify(wallet));
}

/** Returns a wallet as a line for a pipe. Its id is the last column, since it may hold blanks. */
function line(wallet: ListedWallet): string {
  const { walletId, chain } = wallet;
  return [chain.padEnd(10), kindsOf(wallet).padEnd(34), printable(walletId), ...revocationsOf(wallet)].join('  ');
}

/** Returns a wallet as lines that fit in a terminal. */
function lines(wallet: ListedWallet): string {
  const { walletId, chain } = wallet;
  return [`${chain}  ${printable(walletId)}`, kindsOf(wallet), ...revocationsOf(wallet)].join('\n  ');
}

function kindsOf({ kinds }: ListedWallet): string {
  return kinds.join(', ') || 'no live record';
}

function revocationsOf({ revokedAt, serverKeySharesRevokedAt }: ListedWallet): readonly string[] {
  return [
    ...(revokedAt === undefined ? [] : [`revoked ${revokedAt}`]),
    ...(serverKeySharesRevokedAt === undefined ? [] : [`server key shares revoked ${serverKeySharesRevokedAt}`]),
  ];
}

async function* take<T>(items: AsyncIterable<T>, limit: number): AsyncGenerator<T, void, undefined> {
  let taken = 0;
  for await (const item of items) {
    yield item;
    taken += 1;
    // the next page is not asked for
    if (taken >= limit) return;
  }
}

async function* map<T, U>(items: AsyncIterable<T>, change: (item: T) => U): AsyncGenerator<U, void, undefined> {
  for await (const item of items) yield change(item);
}
