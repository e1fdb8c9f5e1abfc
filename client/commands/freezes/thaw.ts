import { CONFIRM_MINUTES, type FreezeFact } from '../../../lambda/contract/freezes';
import type { ShareVaultClient } from '../../client';
import { ShareVaultError } from '../../errors';
import { type Command, CommandFailure, type Context, UsageError, type Values } from '../command';
import { withClient } from '../data/with-client';
import { EXIT, type ExitCode } from '../exit-codes';
import { facts } from '../layout';
import { printJson } from '../output';
import { printable } from '../printable';
import { confirmUntil } from './effect';
import { FREEZING, callerOf, freezeIdOf, nextCommand, reasonOf } from './options';

export const thaw: Command = {
  name: 'thaw',
  summary: 'end a freeze: one actor requests it, another one confirms',
  about: [
    `thaw request NUMBER needs the operation freeze and a reason. Within ${CONFIRM_MINUTES} minutes another actor, with the operation thaw, runs thaw confirm NUMBER: then openings go on, unless another freeze is in force.`,
    'Exit code 5: the thaw can not be confirmed, or the freeze was thawed already. Exit code 3: no freeze has the number.',
  ].join('\n'),
  options: {
    reason: { value: 'TEXT', about: 'with request: your reason, 1 to 200 characters, stored in the log of freezes' },
    ...FREEZING,
  },
  args: 'request NUMBER | confirm NUMBER',
  examples: [
    "share-vault thaw request 7 --reason 'credentials rotated' --as oncall",
    'share-vault thaw confirm 7 --as security',
  ],

  async run(context, values, [step, id, ...more]) {
    if ((step !== 'request' && step !== 'confirm') || more.length > 0) {
      throw new UsageError('expected request NUMBER or confirm NUMBER, got something else');
    }
    const freezeId = freezeIdOf(id);
    return step === 'request' ? requestThaw(context, values, freezeId) : confirmThaw(context, values, freezeId);
  },
};

async function requestThaw(context: Context, values: Values, freezeId: number): Promise<ExitCode> {
  const input = { freezeId, reason: reasonOf(values) };
  const caller = callerOf(context, values);
  const response = await withClient(context, caller.values, 'freeze', (vault) => vault.requestThaw(input));
  const { stdout } = context;
  if (values.json === true) {
    printJson(stdout, response);
    return EXIT.done;
  }
  const pairs = [
    ['thaw requested', `freeze ${freezeId}`],
    ['by', caller.actor],
    ['confirm until', response.confirmUntil],
  ] as const;
  stdout.write(facts(pairs, stdout.columns));
  stdout.write('\nUntil then another actor confirms it:\n');
  stdout.write(nextCommand(context, values, ['thaw', 'confirm', String(freezeId)], 'NAME'));
  return EXIT.done;
}

async function confirmThaw(context: Context, values: Values, freezeId: number): Promise<ExitCode> {
  if (values.reason !== undefined) throw new UsageError('--reason: expected request with it, got confirm');
  const { actor, values: own } = callerOf(context, values);
  const confirm = async (vault: ShareVaultClient) =>
    vault.confirmThaw({ freezeId }).catch(async (error: unknown) => {
      throw await conflictOf(vault, error, freezeId, actor);
    });
  const response = await withClient(context, own, 'thaw', confirm);
  const { stdout } = context;
  if (values.json === true) {
    printJson(stdout, response);
    return EXIT.done;
  }
  const { thawedAt, inForce } = response;
  const pairs = [
    ['thawed', `freeze ${freezeId}`],
    ['at', thawedAt],
    ['in force', inForce === 0 ? 'no freeze' : `${inForce} ${inForce === 1 ? 'freeze' : 'freezes'}`],
  ] as const;
  stdout.write(facts(pairs, stdout.columns));
  if (inForce > 0) {
    stdout.write('\nOpenings that other freezes name stay frozen:\n');
    stdout.write(nextCommand(context, values, ['freezes', '--thaw'], actor));
  }
  return EXIT.done;
}

/** Returns the failure for a `Conflict`, which the facts of the freeze explain; other errors unchanged. */
async function conflictOf(vault: ShareVaultClient, error: unknown, freezeId: number, actor: string): Promise<unknown> {
  if (!(error instanceof ShareVaultError) || error.code !== 'Conflict') return error;
  const { freezes } = await vault.freezes();
  const freeze = freezes.find((each) => each.freezeId === freezeId);
  const problem = freeze && problemOf(freeze, actor);
  return problem === undefined ? error : new CommandFailure(problem, { exit: EXIT.conflict, cause: error });
}

function problemOf(freeze: FreezeFact, actor: string): string | undefined {
  const { thawedAt, thawedBy, thawRequestedBy, replayFrom } = freeze;
  const until = confirmUntil(freeze);
  if (thawedAt !== undefined) {
    return `expected a freeze in force, got one that ${printable(thawedBy ?? '')} thawed at ${thawedAt}`;
  }
  if (replayFrom !== undefined) {
    return `expected tombstones that were replayed, got a restored database that lacks those from ${printable(replayFrom)} on: share-vault tombstones replay`;
  }
  if (until === undefined) return 'expected a request to thaw, got none: share-vault thaw request makes one';
  if (thawRequestedBy === actor) {
    return `expected another actor than ${printable(actor)}, who requested the thaw, got the same: a thaw takes two people`;
  }
  const next = until > Date.now() ? 'confirm it, since it is newer than the refusal' : 'request it again';
  return `expected a request to thaw of the last ${CONFIRM_MINUTES} minutes, got one until ${new Date(until).toISOString()}: ${next}`;
}
