import { type Command, UsageError } from './command';
import { ACTOR } from './data/options';

export const tombstones: Command = {
  name: 'tombstones',
  summary: 'keep what a restored database does not know of revocations, and replay it',
  about: [
    'tombstones export prints what remains of the revocations of all wallets, as JSON lines: one that names the environment and the time, one for each wallet, and one that ends the list. Keep it outside the database. --since takes only those that changed at that time or later.',
    "tombstones replay destroys the records of a restored database that the tombstones of a list are newer than, or without --file those of the vault's bucket, in any order and any number of times, and then states that they were replayed. A restored database can be thawed once lists without a gap reach from the newest row of its access logs until it was put behind the vault: a list that begins too late is refused, and one that ends too early ends with 1 and prints what is missing. The bucket does not say until when it has all of them: a replay from it ends with 1, and prints what is missing, unless --until states that. It refuses a list of another environment, and one that was cut. An object of the bucket that is no tombstone of the vault, or that was changed, is named and not applied; all others are, and nothing can be thawed without --despite-refused. Its actor needs the operation revoke and both kinds.",
  ].join('\n'),
  options: {
    since: {
      value: 'TIME',
      about: 'the beginning, such as 2026-01-31T12:00:00Z, in UTC: of an export, or of a replay from the bucket',
    },
    file: {
      value: 'FILE',
      about: 'with replay: the list; - for standard input, with --yes (by default the bucket of the vault)',
    },
    out: {
      value: 'FILE',
      about: 'with export: a new file, which only you can read and which appears once the list is whole',
    },
    until: {
      value: 'TIME',
      about:
        'with replay: you state that nothing was revoked from the end of the list until this time, or that the bucket has all tombstones until then',
    },
    'despite-refused': {
      about: 'with replay from the bucket: you state that no tombstone is missing although some objects were refused',
    },
    reason: { value: 'TEXT', about: 'with replay: your reason, 1 to 200 characters: the access logs store it' },
    yes: { about: 'with replay: do not ask' },
    ...ACTOR,
    json: { about: 'print JSON' },
  },
  args: 'export | replay',
  examples: [
    "share-vault tombstones replay --since 2026-01-31 --reason 'ticket 4711'",
    'share-vault tombstones export --actor auditor --out 2026-01-31.jsonl',
    "share-vault tombstones replay --file 2026-01-31.jsonl --reason 'ticket 4711'",
  ],

  async run(context, values, args) {
    const [action, ...more] = args;
    if (more.length > 0 || (action !== 'export' && action !== 'replay')) {
      throw new UsageError('expected export or replay, got something else');
    }
    // loaded on demand: the client's SDK would slow every other command down
    // eslint-disable-next-line no-restricted-syntax
    const { exportTombstones, replayTombstones } = await import('./rotation/tombstones');
    return action === 'export' ? exportTombstones(context, values) : replayTombstones(context, values);
  },
};
