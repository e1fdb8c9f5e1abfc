import { RESEAL_STEP_MINUTES } from '../../lambda/contract/limits';
import type { Command } from './command';
import { ACTOR } from './data/options';

export const reseal: Command = {
  name: 'reseal',
  summary: 'seal records again under the current key material, watch it and stop it',
  about: [
    "reseal start starts an execution of the vault's state machine, which opens each record that is not under the share key's current material and seals it again. If one is listed as running, it starts no other. All progress is in the database, so a run can be stopped, crash, or be started twice without harm: the next run does the rest.",
    'reseal status prints the execution that runs, or the last one, and as an actor with the operation audit also its counts, the rate and the time left. --watch prints a line every two seconds until it ends.',
    `reseal stop stops what is running; a step that has begun ends by itself within ${RESEAL_STEP_MINUTES} minutes, and sooner after share-vault freeze --all, which stops all openings. As an actor with the operation audit it also stops a run that is not listed yet. Exit code 1: the last run failed or was stopped, or left records that could not be resealed, which --failures lists.`,
    "reseal receipt prints a run's receipt, by default the last one, as the database has it, the key of its object in the vault's bucket, and when the bucket got it. With --file it compares the receipt with the object, which you got from the bucket: exit code 1 means that they differ. It needs an actor with the operation audit.",
  ].join('\n'),
  options: {
    watch: { about: 'print progress until the run ends' },
    failures: { about: 'with status: list the records that the last run could not reseal' },
    file: { value: 'FILE', about: 'with receipt: the object of the bucket, to compare the receipt with' },
    ...ACTOR,
    json: { about: 'print JSON, with --watch and --failures JSON lines' },
  },
  args: 'start | status | stop | receipt [RUN]',
  examples: [
    'share-vault reseal start --watch',
    'share-vault reseal status',
    'share-vault reseal stop',
    'share-vault reseal receipt RUN --file receipt.json',
  ],

  async run(context, values, args) {
    // loaded on demand: its SDK clients would slow every other command down
    // eslint-disable-next-line no-restricted-syntax
    const { runReseal } = await import('./rotation/reseal');
    return runReseal(context, values, args);
  },
};
