import {
  CONFIRM_MINUTES,
  type FreezeFact,
  type RequestThawResponse,
  type ThawResponse,
} from '../../../lambda/contract/freezes';
import type { ShareVaultClient } from '../../client';
import { ShareVaultError } from '../../errors';
import { type Command, CommandFailure, type Context, UsageError, type Values } from '../command';
import { withClient } from '../data/with-client';
import { EXIT, type ExitCode } from '../exit-codes';
import { facts } from '../layout';
import { printJson } from '../output';
import { printable } from '../printable';
import { confirmUntil } from './effect';
import { type Turn, inTurn, namesOf } from './in-turn';
import { FREEZING, callerOf, freezeIdsOf, nextCommand, reasonOf } from './options';

export const thaw: Command = {
  name: 'thaw',
  summary: 'end freezes: one actor requests it, another one confirms',
  about: [
    `thaw request NUMBER… needs the operation freeze and a reason; with --all it requests the thaw of every freeze in force. Within ${CONFIRM_MINUTES} minutes another actor, with the operation thaw, runs thaw confirm NUMBER…, which the request prints: then openings go on, unless another freeze is in force. Confirm only numbers that you know: someone else may have requested more.`,
    'Exit code 5: a thaw can not be confirmed, or a freeze was thawed already; the other numbers are thawed. Exit code 3: no freeze has the number.',
  ].join('\n'),
  options: {
    reason: { value: 'TEXT', about: 'with request: your reason, 1 to 200 characters, stored in the log of freezes' },
    all: { about: 'with request: every freeze in force, except those of restored databases that lack tombstones' },
    ...FREEZING,
  },
  args: 'request NUMBER… | confirm NUMBER…',
  examples: [
    "share-vault thaw request 7 --reason 'credentials rotated' --as oncall",
    "share-vault thaw request --all --reason 'false alarm' --as oncall",
    'share-vault thaw confirm 7 8 9 --as security',
  ],

  async run(context, values, [step, ...ids]) {
    if (step !== 'request' && step !== 'confirm') {
      throw new UsageError('expected request NUMBER or confirm NUMBER, got something else');
    }
    const all = values.all === true;
    if (all && step === 'confirm') {
      throw new UsageError('--all: expected request with it, got confirm: it takes the numbers that you know of');
    }
    if (all && ids.length > 0) throw new UsageError('expected --all or numbers, got both');
    const freezeIds = all ? [] : freezeIdsOf(ids);
    return step === 'request' ? requestThaw(context, values, freezeIds) : confirmThaw(context, values, freezeIds);
  },
};

/** @param given empty for every freeze in force */
async function requestThaw(context: Context, values: Values, given: readonly number[]): Promise<ExitCode> {
  const reason = reasonOf(values);
  const caller = callerOf(context, values);
  const { stdout } = context;
  const show = (done: readonly [Turn<RequestThawResponse>, ...Turn<RequestThawResponse>[]]): void => {
    if (values.json === true) {
      printJson(stdout, given.length === 1 ? withoutId(done[0]) : done);
      return;
    }
    const freezeIds = done.map(({ freezeId }) => freezeId);
    const pairs = [
      ['thaw requested', namesOf(freezeIds)],
      ['by', caller.actor],
      // of the first one: the others can be confirmed a little longer
      ['confirm until', done[0].confirmUntil],
    ] as const;
    stdout.write(facts(pairs, stdout.columns));
    stdout.write('\nUntil then another actor confirms it:\n');
    stdout.write(nextCommand(context, values, ['thaw', 'confirm', ...freezeIds.map(String)], 'NAME'));
  };
  await withClient(context, caller.values, 'freeze', async (vault) => {
    const freezeIds = given.length > 0 ? given : await thawable(vault);
    await inTurn(freezeIds, (freezeId) => vault.requestThaw({ freezeId, reason }), show);
  });
  return EXIT.done;
}

/** Returns the freezes in force that a confirmation can thaw. Throws if there is none. */
async function thawable(vault: ShareVaultClient): Promise<readonly number[]> {
  const { freezes } = await vault.freezes();
  const found = freezes.filter(({ thawedAt, replayFrom }) => thawedAt === undefined && replayFrom === undefined);
  if (found.length === 0) {
    throw new CommandFailure('expected a freeze in force that can be thawed, got none: share-vault freezes', {
      exit: EXIT.conflict,
    });
  }
  return found.map(({ freezeId }) => freezeId);
}

async function confirmThaw(context: Context, values: Values, freezeIds: readonly number[]): Promise<ExitCode> {
  if (values.reason !== undefined) throw new UsageError('--reason: expected request with it, got confirm');
  const { actor, values: own } = callerOf(context, values);
  const { stdout } = context;
  const show = (done: readonly [Turn<ThawResponse>, ...Turn<ThawResponse>[]]): void => {
    if (values.json === true) {
      printJson(stdout, freezeIds.length === 1 ? withoutId(done[0]) : done);
      return;
    }
    const { thawedAt, inForce } = done.at(-1) ?? done[0];
    const pairs = [
      ['thawed', namesOf(done.map(({ freezeId }) => freezeId))],
      ['at', thawedAt],
      ['in force', inForce === 0 ? 'no freeze' : `${inForce} ${inForce === 1 ? 'freeze' : 'freezes'}`],
    ] as const;
    stdout.write(facts(pairs, stdout.columns));
    if (inForce === 0) return;
    stdout.write('\nOpenings that other freezes name stay frozen:\n');
    stdout.write(nextCommand(context, values, ['freezes', '--thaw'], actor));
  };
  await withClient(context, own, 'thaw', (vault) => {
    const confirm = (freezeId: number) =>
      vault.confirmThaw({ freezeId }).catch(async (error: unknown) => {
        throw await conflictOf(vault, error, freezeId, actor);
      });
    return inTurn(freezeIds, confirm, show);
  });
  return EXIT.done;
}

/** The response of a single freeze, as the function sent it. */
function withoutId<T extends { readonly freezeId: number }>({ freezeId: _, ...response }: T): Omit<T, 'freezeId'> {
  return response;
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
