import type { Command } from './command';

export const log: Command = {
  name: 'log',
  summary: "print a wallet's access log, and verify its hash chain",
  options: {
    wallet: { type: 'string' },
    chain: { type: 'string' },
    actor: { type: 'string' },
    after: { type: 'string' },
    head: { type: 'string' },
    file: { type: 'string' },
    verify: { type: 'boolean' },
    quiet: { type: 'boolean' },
  },
  help: `share-vault log --environment NAME --wallet ID --chain NAME --actor NAME [--verify] [--quiet] [--head LENGTH:HASH]
share-vault log --verify --file FILE [--head LENGTH:HASH]

Prints the rows of a wallet's access log as JSON lines on standard output, the oldest first. With --verify it computes
each row's hash here, compares it with the next row, and the last one with the head; the result is on standard error.
With --file it verifies such lines that were kept, without a vault. Exit code 0: done, and intact with --verify; 1: not
done, or broken. docs/access-log.md has the format.

  --wallet ID            the wallet's id
  --chain NAME           its chain, such as EVM
  --actor NAME           the actor as whom to read, who needs the operation audit
  --verify               verify the rows
  --quiet                with --verify, print no rows
  --head LENGTH:HASH     the head to verify against, such as one kept elsewhere (by default the one that the vault has;
                         with --file none, so rows that are missing at the end are not found)
  --after ROW[:HASH]     begin after that row; --verify needs its hash
  --file FILE            verify the lines of this file; - for standard input
`,

  isOffline: ({ file }) => file !== undefined,

  async run(context, values) {
    // loaded on demand: the client's SDK would slow every other command down
    // eslint-disable-next-line no-restricted-syntax
    const { runLog } = await import('./log/index');
    return runLog(context, values);
  },
};
