import type { ChainPosition } from '../../../lambda/contract/responses';
import type { ShareVaultClient } from '../../client';
import type { Wallet } from '../../requests';
import { type Command, UsageError, type Values } from '../command';
import { EXIT } from '../exit-codes';
import { lineOf } from '../log/lines';
import { withArchived } from '../log/with-archived';
import { ACTOR, SPAN, spanOf, walletOf } from './options';
import { ascii, printLines } from '../output';
import { withClient } from './with-client';

export const exportLogs: Command = {
  name: 'export',
  summary: 'print the access logs of the vault as JSON lines, with chain heads',
  about: [
    'Prints the rows of the access log of every wallet, or of one, as JSON lines. A last line for each wallet has the head of its hash chain, { walletId, chain, head: { sequence, hash } }: keep it elsewhere to verify the rows later. Rows that were archived are a line { walletId, chain, archived: { from, previousHash, sequence, hash } } in the place of their own.',
    'With --from or --until it prints the rows of that time. share-vault log --verify --file verifies a complete export.',
  ].join('\n'),
  options: {
    wallet: { value: 'ID', about: 'only this wallet (by default all)' },
    chain: { value: 'NAME', about: 'its chain, such as EVM' },
    ...SPAN,
    ...ACTOR,
    json: { about: 'print JSON lines, as without it' },
  },
  examples: [
    'share-vault export > logs.jsonl',
    'share-vault export --from 2026-01-01 --until 2026-02-01 > january.jsonl',
  ],

  async run(context, values) {
    const wallet = optionalWallet(values);
    const span = spanOf(values);
    await withClient(context, values, 'audit', (vault) => printLines(context.stdout, lines(vault, wallet, span)));
    return EXIT.done;
  },
};

function optionalWallet(values: Values): Wallet | undefined {
  if (values.wallet === undefined && values.chain === undefined) return undefined;
  if (values.wallet === undefined) throw new UsageError('--chain: expected --wallet with it, got none');
  return walletOf(values);
}

type Span = ReturnType<typeof spanOf>;

async function* lines(
  vault: ShareVaultClient,
  wallet: Wallet | undefined,
  span: Span,
): AsyncGenerator<string, void, undefined> {
  if (wallet !== undefined) yield* linesOf(vault, wallet, await vault.accessLogHead(wallet), span);
  else {
    for await (const { walletId, chain, length, head } of vault.wallets(span)) {
      yield* linesOf(vault, { walletId, chain }, { sequence: length, hash: head }, span);
    }
  }
}

/** A wallet's rows up to a head, archived ones as spans, and the head: rows that came meanwhile would not fit it. */
async function* linesOf(
  vault: ShareVaultClient,
  wallet: Wallet,
  head: ChainPosition,
  span: Span,
): AsyncGenerator<string, void, undefined> {
  const { walletId, chain } = wallet;
  const isComplete = span.from === undefined && span.until === undefined;
  const archived = () => (isComplete ? vault.archivedLog(wallet) : Promise.resolve([]));
  const section = { after: 0, until: head.sequence };
  for await (const item of withArchived(vault.accessLog(wallet, span), section, archived)) yield lineOf(wallet, item);
  yield ascii(JSON.stringify({ walletId, chain, head }));
}
