import type { Command } from './command';
import { ACTOR } from './data/options';

export const keys: Command = {
  name: 'keys',
  summary: 'count records by key and key material, and retire a former share key',
  about: [
    'keys census counts the records of the vault by the key and the key material that wrap their data keys, superseded records included. It asks AWS for the share key of the vault and for its current material (lambda:GetFunctionConfiguration, kms:Decrypt with the storage key, kms:DescribeKey). Without these permissions it says so, and compares with the target of the last reseal; with --require-current it ends with 1 then.',
    'keys census --verify N lets the function that reseals open N records at random, each with a row in its access log, and compares the key material that KMS names with that of their rows (states:StartExecution, states:DescribeExecution). Exit code 1 means that a record is not as its row says: it is listed.',
    'keys retire KEY disables a former share key, or with --delete schedules its deletion. It refuses while a record needs the key, and --delete also while a backup does: it says until when. A restored backup whose key is deleted opens no more.',
  ].join('\n'),
  options: {
    'require-current': {
      about: 'with census: exit code 1 unless AWS names the current material and every record is on it',
    },
    verify: { value: 'N', about: 'with census: open so many records at random, 1 to 2000, instead of counting' },
    former: { about: 'with retire: the key is the former share key, although no reseal led to it' },
    delete: { about: 'with retire: schedule the deletion of a disabled key, in 30 days' },
    'despite-backups': { about: 'with --delete: also if a backup needs the key; that backup opens no more' },
    yes: { about: 'with retire: do not ask' },
    ...ACTOR,
    json: { about: 'print JSON' },
  },
  args: 'census | retire KEY',
  examples: [
    'share-vault keys census',
    'share-vault keys census --verify 100',
    'share-vault keys retire KEY',
    'share-vault keys retire KEY --delete',
  ],

  async run(context, values, args) {
    // loaded on demand: its SDK clients would slow every other command down
    // eslint-disable-next-line no-restricted-syntax
    const { runKeys } = await import('./rotation/keys');
    return runKeys(context, values, args);
  },
};
