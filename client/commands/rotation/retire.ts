import { DisableKeyCommand, type KeyMetadata, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import { callAws } from '../aws';
import { CommandFailure, type Context, UsageError, type Values } from '../command';
import { withVault } from '../data/vault';
import { EXIT, type ExitCode } from '../exit-codes';
import { confirmed } from '../confirm';
import { facts } from '../layout';
import { printable } from '../printable';
import { AccountKeys } from './account-keys';

const DAY_MS = 86_400_000;
/** The longest time that KMS has, and the only one that the policies of a vault's keys allow. */
const WINDOW_DAYS = 30;

/** What still needs a key. */
interface Needs {
  /** whether the vault has it as a key that only opens: a former share key, or the next one */
  readonly isListed: boolean;
  /** whether it was the share key once */
  readonly isFormer: boolean;
  /** records that are sealed under it */
  readonly records: number;
  /** ISO 8601: until when it may have sealed; `undefined` while it may, or if that is unknown */
  readonly sealedUntil: string | undefined;
  /** when the last backup expires that may have such records; `undefined` if no receipt says that there are none */
  readonly backupsUntil: Date | undefined;
}

/** Disables a former share key, or schedules its deletion, once nothing needs it. */
export async function runRetire(context: Context, values: Values, name: string): Promise<ExitCode> {
  if (values['despite-backups'] !== undefined && values.delete !== true) {
    throw new UsageError('--despite-backups: expected --delete with it');
  }
  using account = new AccountKeys(context);
  const key = await account.describe(name);
  const arn = key.Arn ?? '';
  if (arn === (await account.shareKey())) {
    throw refusal('expected a former share key, got the one that the vault seals with: deploy another one first');
  }
  const needs = await needsOf(context, values, account, arn);
  if (!needs.isListed && !needs.isFormer) {
    throw refusal('expected a former share key of this vault, got another key: is it in retiringShareKeys');
  }
  if (!needs.isFormer && values.former !== true) {
    throw refusal(
      'expected a key that was the share key once, got one that only opens: --former says that it is the former share key, and not the next one',
    );
  }
  if (needs.records > 0) {
    throw refusal(`expected no record under the key, got ${needs.records}: share-vault reseal start`);
  }
  if (key.KeyState === 'PendingDeletion') return pending(context, values, key);
  if (values.delete !== true) return await disable(context, values, account, key, needs);
  requireNoBackup(values, needs);
  return await scheduleDeletion(context, values, account, key);
}

const refusal = (problem: string): CommandFailure => new CommandFailure(problem, { exit: EXIT.conflict });

async function needsOf(context: Context, values: Values, account: AccountKeys, arn: string): Promise<Needs> {
  const [days, opening] = [await account.backupDays(), await account.openingKeys()];
  return withVault(context, values, 'audit', async (vault) => {
    const { groups, keys = [] } = await vault.census();
    const records = groups.filter(({ keyId }) => keyId === arn).reduce((sum, group) => sum + group.records, 0);
    const { wasShareKey = false, sealedUntil, freeSince } = keys.find(({ keyId }) => keyId === arn) ?? {};
    const backupsUntil = freeSince === undefined ? undefined : new Date(Date.parse(freeSince) + days * DAY_MS);
    return { isListed: opening.includes(arn), isFormer: wasShareKey, records, sealedUntil, backupsUntil };
  });
}

/** A receipt of before is none: the key may have sealed again. */
const afterSealing = (until: string | undefined): string =>
  until === undefined ? '' : ` after ${printable(until)}, until when it may have sealed`;

function requireNoBackup(values: Values, { sealedUntil, backupsUntil }: Needs): void {
  if (values['despite-backups'] === true) return;
  if (backupsUntil === undefined) {
    throw refusal(
      `expected a receipt of a reseal that left no record under the key${afterSealing(sealedUntil)}, got none, so it is unknown which backups need it: share-vault reseal start writes one; --despite-backups deletes the key nevertheless`,
    );
  }
  if (backupsUntil.getTime() <= Date.now()) return;
  throw refusal(
    `expected no backup that needs the key, got backups until ${backupsUntil.toISOString()}: delete it then, or with --despite-backups`,
  );
}

async function disable(
  context: Context,
  values: Values,
  account: AccountKeys,
  { Arn = '', KeyState }: KeyMetadata,
  { sealedUntil, backupsUntil }: Needs,
): Promise<ExitCode> {
  if (KeyState !== 'Disabled') {
    await confirmed(context, values, `This disables ${printable(Arn)}: nothing opens under it until it is enabled.`);
    const call = () => account.kms.send(new DisableKeyCommand({ KeyId: Arn }));
    await callAws('to disable the key (kms:DisableKey)', call);
  }
  const until =
    backupsUntil?.toISOString() ??
    `unknown: no receipt of a reseal says that no record is under the key${afterSealing(sealedUntil)}`;
  context.stdout.write(
    facts([['key', printable(Arn)], ['state', 'Disabled'], ['backups need it until', until]], context.stdout.columns), // prettier-ignore
  );
  return EXIT.done;
}

async function scheduleDeletion(
  context: Context,
  values: Values,
  account: AccountKeys,
  { Arn = '', KeyState }: KeyMetadata,
): Promise<ExitCode> {
  if (KeyState !== 'Disabled') {
    const state = printable(KeyState ?? 'unknown');
    throw refusal(`expected a disabled key, got one in the state ${state}: retire it without --delete first`);
  }
  await confirmed(context, values, `This deletes ${printable(Arn)} in ${WINDOW_DAYS} days: nothing restores it.`);
  const call = () => account.kms.send(new ScheduleKeyDeletionCommand({ KeyId: Arn, PendingWindowInDays: WINDOW_DAYS }));
  const { DeletionDate } = await callAws('to schedule the deletion (kms:ScheduleKeyDeletion)', call);
  return scheduled(context, { Arn, DeletionDate });
}

/** A key that KMS deletes already: after a lost response, or by another operator. */
function pending(context: Context, values: Values, key: KeyMetadata): ExitCode {
  if (values.delete === true) return scheduled(context, key);
  const date = key.DeletionDate?.toISOString() ?? 'an unknown date';
  throw refusal(
    `expected a key that is kept, got one that KMS deletes on ${date}: aws kms cancel-key-deletion keeps it, disabled`,
  );
}

function scheduled(
  { stdout }: Context,
  { Arn = '', DeletionDate }: Pick<KeyMetadata, 'Arn' | 'DeletionDate'>,
): ExitCode {
  const date = DeletionDate?.toISOString() ?? 'unknown';
  stdout.write(facts([['key', printable(Arn)], ['state', 'PendingDeletion'], ['deleted on', date]], stdout.columns)); // prettier-ignore
  return EXIT.done;
}
