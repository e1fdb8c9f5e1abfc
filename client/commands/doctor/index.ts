import type { Context, Values } from '../command';
import { checkAccount } from './check-account';
import { checkAlarms } from './check-alarms';
import { checkBackups } from './check-backups';
import { checkDatabase } from './check-database';
import { checkFunctions } from './check-functions';
import { checkKeys } from './check-keys';
import { checkRecoveryKeys } from './check-recovery-keys';
import { checkRefusals } from './check-refusals';
import { checkReseal } from './check-reseal';
import { checkTrail } from './check-trail';
import { checkWebhook } from './check-webhook';
import { createClients } from './clients';
import type { Finding, Status } from './finding';
import { hasValue } from './read';
import { Report } from './report';
import { type Vault, readVault } from './vault';

type Check = (vault: Vault) => readonly Finding[] | Promise<readonly Finding[]>;

const GROUPS: readonly (readonly [heading: string, check: Check])[] = [
  ['Account', checkAccount],
  ['Functions', checkFunctions],
  ['Keys', checkKeys],
  ['Recovery keys', checkRecoveryKeys],
  ['Database', checkDatabase],
  ['Reseal', checkReseal],
  ['Webhook', checkWebhook],
  ['Trail', checkTrail],
  ['Backups', checkBackups],
  ['Alarms', checkAlarms],
];
const REFUSALS = ['What must be refused', checkRefusals] as const;

/** Runs every check, prints the findings, and returns the exit code. */
export async function runDoctor(context: Context, values: Values): Promise<0 | 1> {
  const vault = await readVault(context.environment, createClients(context.region));
  const groups = values['no-probes'] === true ? GROUPS : [...GROUPS, REFUSALS];
  const report = values.json === true ? undefined : new Report(context.stdout);
  const findings: Finding[] = [];
  for (const [heading, check] of groups) {
    report?.heading(heading);
    const found = await check(vault);
    found.forEach((each) => report?.add(each));
    findings.push(...found);
  }
  const counts = countsOf(findings);
  const healthy = counts.problem === 0 && isVisible(vault) && !(values.strict === true && counts.unknown > 0);
  report?.line(
    `\n${counts.ok} ok, ${counts.problem} ${counts.problem === 1 ? 'problem' : 'problems'}, ${counts.unknown} unknown`,
  );
  if (report === undefined) {
    const result = { environment: context.environment, healthy, counts, findings };
    context.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
  }
  return healthy ? 0 : 1;
}

/** Whether the caller may read anything of the vault: one that can't be seen is not a healthy one. */
function isVisible({ published, functions }: Vault): boolean {
  return hasValue(published) || [...functions.values()].some(hasValue);
}

function countsOf(findings: readonly Finding[]): Readonly<Record<Status, number>> {
  const count = (status: Status): number => findings.filter((each) => each.status === status).length;
  return { ok: count('ok'), problem: count('problem'), unknown: count('unknown') };
}
