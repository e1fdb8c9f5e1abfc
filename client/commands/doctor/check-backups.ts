import { DescribeRegionSettingsCommand, ListBackupJobsCommand } from '@aws-sdk/client-backup';
import { type Finding, ok, problem, unknown, verdict } from './finding';
import { printable } from '../printable';
import { hasValue, read } from './read';
import { type Vault, clusterOf } from './vault';

const DAY_MS = 86_400_000;
/** A daily job may begin an hour late and take four. */
const RECENT_MS = 2 * DAY_MS;

/** Checks the account's opt-in for Aurora, without which a plan backs nothing up, and the plan's latest jobs. */
export async function checkBackups(vault: Vault): Promise<readonly Finding[]> {
  return Promise.all([checkOptIn(vault), checkJobs(vault, clusterOf(vault))]);
}

async function checkOptIn({ clients: { backup } }: Vault): Promise<Finding> {
  const check = 'backup: opt-in for Aurora';
  const settings = await read('backup:DescribeRegionSettings', () =>
    backup.send(new DescribeRegionSettingsCommand({})),
  );
  if (!hasValue(settings)) return unknown(check, settings.reason);
  const on = settings.value.ResourceTypeOptInPreference?.Aurora === true;
  const fix = 'aws backup update-region-settings --resource-type-opt-in-preference Aurora=true';
  return verdict(check, on, on ? 'on' : 'off: a backup plan backs nothing up', fix);
}

async function checkJobs({ clients: { backup } }: Vault, identifier: string | undefined): Promise<Finding> {
  const check = 'backup: latest jobs';
  if (identifier === undefined) return unknown(check, "the cluster's name can not be read");
  const query = { ByResourceType: 'Aurora', ByCreatedAfter: new Date(Date.now() - 7 * DAY_MS) };
  const listed = await read('backup:ListBackupJobs', () => backup.send(new ListBackupJobsCommand(query)));
  if (!hasValue(listed)) return unknown(check, listed.reason);
  const jobs = (listed.value.BackupJobs ?? []).filter(({ ResourceArn }) =>
    ResourceArn?.endsWith(`:cluster:${identifier}`),
  );
  const failed = jobs.find(({ State }) => State === 'FAILED' || State === 'EXPIRED' || State === 'ABORTED');
  const recent = jobs.some(({ State, CompletionDate }) => State === 'COMPLETED' && isRecent(CompletionDate));
  if (jobs.length === 0) return unknown(check, 'none in 7 days: an environment without a backup plan has none');
  if (failed !== undefined) return problem(check, printable(`one ${failed.State ?? ''}: ${failed.StatusMessage ?? ''}`), 'see the job in AWS Backup'); // prettier-ignore
  return recent ? ok(check, 'completed within two days') : problem(check, 'none completed within two days', 'see the jobs in AWS Backup'); // prettier-ignore
}

function isRecent(date: Date | undefined): boolean {
  return date !== undefined && Date.now() - date.getTime() < RECENT_MS;
}
