import type { Command } from './command';

export const doctor: Command = {
  name: 'doctor',
  summary: 'check a deployed vault, and say what to fix',
  options: {
    json: { about: 'print one JSON object: { environment, healthy, counts, findings }' },
    strict: { about: 'fail if anything is unknown' },
    'no-probes': { about: 'leave out what must be refused' },
  },
  about: [
    "Reads what the caller may read of a vault's functions, keys, database, trail, backups and alarms, and tries what every caller must be refused: to use its keys, to call it without an actor, to deliver without a signature, to log in to the database without TLS. Nothing is sealed, opened or changed. The call without an actor raises the alarm on tampering.",
    'A read-only role such as ViewOnlyAccess sees most of it; the rest is reported as unknown. Exit code 1: there is a problem, or nothing could be checked.',
  ].join('\n'),
  examples: [
    'share-vault doctor --environment prod',
    'share-vault doctor --environment prod --json --strict > findings.json',
  ],

  async run(context, values) {
    // loaded on demand: its ten SDK clients would slow every other command down
    // eslint-disable-next-line no-restricted-syntax
    const { runDoctor } = await import('./doctor/index');
    return runDoctor(context, values);
  },
};
