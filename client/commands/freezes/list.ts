import type { FreezeFact } from '../../../lambda/contract/freezes';
import type { ShareVaultClient } from '../../client';
import { type Command, type Context, UsageError, type Values } from '../command';
import { withClient } from '../data/with-client';
import { EXIT } from '../exit-codes';
import { facts } from '../layout';
import { printJson } from '../output';
import { printable } from '../printable';
import { confirmUntil, effectOf } from './effect';
import { FREEZING, REASON_PLACEHOLDER, callerOf, nextCommand } from './options';

export const freezes: Command = {
  name: 'freezes',
  summary: 'list what is frozen, since when, why, and how to thaw it',
  about:
    'Prints the freezes in force, and with --past also former ones, newest first: at most 500. The actor needs the operation freeze, or with --thaw the operation thaw.',
  options: {
    past: { about: 'also those that were thawed' },
    thaw: { about: 'ask the function thaw, for an actor that may only confirm' },
    ...FREEZING,
  },
  examples: ['share-vault freezes --as oncall', 'share-vault freezes --thaw --as security --json'],

  async run(context, values, args) {
    if (args.length > 0) throw new UsageError('expected only options, got something else');
    const { stdout } = context;
    const caller = callerOf(context, values);
    const operation = values.thaw === true ? 'thaw' : 'freeze';
    const list = (vault: ShareVaultClient) => vault.freezes();
    const response = await withClient(context, caller.values, operation, list);
    const shown = response.freezes.filter(({ thawedAt }) => values.past === true || thawedAt === undefined);
    if (values.json === true) {
      printJson(stdout, { ...response, freezes: shown });
      return EXIT.done;
    }
    for (const freeze of shown) stdout.write(`${describe(freeze, context, values)}\n`);
    const { inForce } = response;
    stdout.write(`${inForce} ${inForce === 1 ? 'freeze' : 'freezes'} in force\n`);
    return EXIT.done;
  },
};

/** Returns a freeze as lines, and the next command of one in force. */
function describe(freeze: FreezeFact, context: Context, values: Values): string {
  const { freezeId, reason, frozenBy, frozenAt, thawRequestedBy, thawRequestedAt, thawedBy, thawedAt, replayFrom } =
    freeze;
  const by = (time: string | undefined, actor: string | undefined): string | undefined =>
    time === undefined ? undefined : `${time} by ${printable(actor ?? '')}`;
  const pairs = [
    ['freeze', freezeId],
    ['effect', effectOf(freeze)],
    ['since', by(frozenAt, frozenBy)],
    ['reason', printable(reason)],
    ['thaw requested', by(thawRequestedAt, thawRequestedBy)],
    ['thawed', by(thawedAt, thawedBy)],
    ['tombstones missing', replayFrom === undefined ? undefined : `since ${printable(replayFrom)}`],
  ] as const;
  return `${facts(pairs, context.stdout.columns)}${thawedAt === undefined ? nextOf(freeze, context, values) : ''}`;
}

function nextOf(freeze: FreezeFact, context: Context, values: Values): string {
  const id = String(freeze.freezeId);
  if (freeze.replayFrom !== undefined) {
    return 'a restored database: replay the tombstones first, share-vault tombstones replay --help\n';
  }
  const until = confirmUntil(freeze);
  if (until !== undefined && until > Date.now()) {
    const command = nextCommand(context, values, ['thaw', 'confirm', id], 'NAME');
    return `another actor confirms the thaw until ${new Date(until).toISOString()}:\n${command}`;
  }
  return `to thaw:\n${nextCommand(context, values, ['thaw', 'request', id, '--reason', REASON_PLACEHOLDER], 'NAME')}`;
}
