import type { Command } from './command';

export const log: Command = {
  name: 'log',
  summary: "print a wallet's access log, and verify its hash chain",
  options: {
    wallet: { value: 'ID', about: "the wallet's id" },
    chain: { value: 'NAME', about: 'its chain, such as EVM' },
    actor: {
      value: 'NAME',
      about: 'the actor as whom to read, who needs the operation audit (by default $SHARE_VAULT_ACTOR)',
    },
    verify: { about: 'verify the rows' },
    quiet: { about: 'with --verify, print no rows' },
    head: {
      value: 'LENGTH:HASH',
      about:
        'the head to verify against, such as one kept elsewhere (by default the one that the vault has; with --file none, so rows that are missing at the end are not found)',
    },
    after: { value: 'ROW[:HASH]', about: 'begin after that row; --verify needs its hash' },
    file: { value: 'FILE', about: 'verify the lines of this file; - for standard input' },
    archived: {
      about: 'with --file: accept lines of archived rows, which are not verified (without it, exit code 1)',
    },
    archive: {
      value: 'FOLDER',
      repeated: true,
      about: 'verify an archived month in this folder, as the bucket has it; repeat it for all months in question',
    },
    manifest: {
      value: 'SHA256',
      repeated: true,
      about:
        'with --archive: the digest of a manifest that the database noted; repeat it for all: a manifest with another one is broken, and so is a digest without a folder',
    },
    follow: { about: 'also print new rows, until Ctrl-C; with --verify, until a row does not fit' },
    json: { about: 'print JSON lines, as without it' },
  },
  about: [
    "Prints the rows of a wallet's access log as JSON lines on standard output, the oldest first. With --verify it computes each row's hash here, compares it with the next row, and the last one with the head; the result is on standard error.",
    'With --archive it verifies months that were archived and dropped from the database: the files against their manifests, and the rows of all wallets across the months.',
    'Archived rows are not verified without the archive. The result has their number.',
    'With --file it verifies such lines that were kept, without a vault. Exit code 1: the log is broken, or was not read whole. docs/access-log.md has the format.',
  ].join('\n'),
  examples: [
    'share-vault log --wallet ID --chain EVM --verify > log.jsonl',
    'share-vault log --wallet ID --chain EVM --follow',
    'share-vault log --verify --file log.jsonl --head LENGTH:HASH',
    'share-vault log --verify --archive 2026-01 --archive 2026-02',
  ],

  isOffline: ({ file, archive }) => file !== undefined || archive !== undefined,

  async run(context, values) {
    // loaded on demand: the client's SDK would slow every other command down
    // eslint-disable-next-line no-restricted-syntax
    const { runLog } = await import('./log/index');
    return runLog(context, values);
  },
};
