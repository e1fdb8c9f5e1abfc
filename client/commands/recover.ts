import type { Command } from './command';

export const recover: Command = {
  name: 'recover',
  summary: "open a record of the vault's database with a recovery key, offline",
  about: [
    'Opens the materials of a record without the vault, and writes each to a new file that only its owner can read. No material is printed. It needs the row of the record, from the query in docs/keys/recovery.md, and the private half of a recovery key to which the record is wrapped.',
    'If the private key is in AWS KMS, Google Cloud or Azure: --print-wrapped prints a wrapped data key in base64, the service unwraps it, and --data-key reads the result, 32 bytes.',
    'With --tombstones, a record that the list revokes is refused by the rule of a replay: server key shares for ever, a delegated share unless a newer delivery brought it. The list has to be whole, and from the beginning.',
    "Nothing is called, and no access log gets a row. A message that is not bound to the row's facts and to --environment is refused.",
  ].join('\n'),
  options: {
    record: { value: 'FILE', about: "the record's row as JSON" },
    'private-key': { value: 'FILE', about: 'the private recovery key, PEM of PKCS #8 or PKCS #1' },
    'passphrase-file': { value: 'FILE', about: 'its passphrase, the first line of this file' },
    'print-wrapped': { value: 'MATERIAL', about: "print this material's wrapped data key, and open nothing" },
    key: { value: 'NAME', about: "the recovery key's name for --print-wrapped (by default the only one)" },
    'data-key': {
      value: 'MATERIAL=FILE',
      about: "this material's data key, unwrapped; once for each material",
      repeated: true,
    },
    body: { value: 'FILE', about: "the entry of the body store, if the record's body is there" },
    tombstones: { value: 'FILE', about: 'refuse a record that this list of "tombstones export" revokes' },
    'delegated-share': { value: 'FILE', about: 'the new file for the delegated share' },
    'wallet-api-key': { value: 'FILE', about: 'the new file for the API key of the wallet' },
    'server-key-shares': { value: 'FILE', about: 'the new file for the server key shares' },
    force: { about: 'replace files that exist' },
  },
  examples: [
    'share-vault recover --record row.json --environment prod \\\n  --private-key safe-2026.pem --passphrase-file passphrase \\\n  --delegated-share share.json --wallet-api-key key.txt',
    'share-vault recover --record row.json --print-wrapped server-key-shares \\\n  | base64 --decode > wrapped',
  ],
  isOffline: (values) => values['print-wrapped'] !== undefined,

  async run(context, values) {
    // loaded on demand: the reader of the row would slow every other command down
    // eslint-disable-next-line no-restricted-syntax
    const { runRecover } = await import('./recover/index');
    return runRecover(context, values);
  },
};
