import type { Report } from '../demo/report';
import { functionName } from '../vault/functions';
import type { Described, Out } from './described';
import { invokeExample } from './aws-examples';
import { programName, shellPath, shortestPath } from './printed-names';
import { ADMINISTRATOR, ADMINISTRATOR_PROFILE, profileNames } from '../vault/profile-names';
import { sourceArguments } from './source';

/** Prints what does not work here although it was deployed: functions without a runtime, a route or a secret. */
export function describeWarnings(of: Described, report: Report, out: Out): void {
  describeSkippedFunctions(of, report, out);
  describeUnreachable(of, report, out);
  describeMissingSecrets(of, report, out);
}

/** Prints credentials, keys, profiles, skipped resources, and commands that explain decisions. */
export function describeDetails(of: Described, report: Report, out: Out): void {
  describeEndpoint(of, report);
  describeRoles(of, report, out);
  describeSkipped(of, report, out);
  describeCommands(of, report, out);
}

function describeEndpoint(of: Described, report: Report): void {
  const { deployed, environment, authorization, webhook, files } = of;
  const { url, region, administrator, account } = deployed;
  report.heading('Endpoint and credentials');
  report.detail('AWS_ENDPOINT_URL', url);
  report.detail('AWS_REGION', region);
  report.detail('AWS_ACCESS_KEY_ID', administrator.accessKeyId);
  report.detail('AWS_SECRET_ACCESS_KEY', administrator.secretAccessKey);
  report.detail('AWS_SESSION_TOKEN', administrator.sessionToken);
  report.detail('account', account);
  report.detail('environment', environment ?? 'none: the template has no vault');
  report.detail('calls', authorization ? "signed; the template's policies decide" : 'signed; no policy decides');
  report.detail('webhook', deployed.webhookUrl ?? 'none in the template');
  if (webhook === undefined) return;
  const { generated, value } = webhook.signing;
  report.detail('signing secret', generated ? value : 'the value that you stored');
  for (const [kid, file] of files.keyFiles) report.detail('webhook key', `${kid}, ${file}`);
}

function describeRoles({ deployed: { template } }: Described, report: Report, out: Out): void {
  const names = new Map(template.functions().map(({ logicalId, name }) => [logicalId, name]));
  report.heading('Profiles: set AWS_PROFILE to one of these');
  const profileOf = profileNames(template.roles());
  const rows = template.roles().map((role) => {
    const runs = role.functions.map((id) => names.get(id) ?? id);
    const profile = profileOf.get(role.logicalId) ?? '';
    return [profile, runs.length > 0 ? `runs ${runs.join(', ')}` : 'runs no function'] as const;
  });
  writeRows([[ADMINISTRATOR_PROFILE, "a developer's access in a team account"], ...rows], out);
}

function describeSkipped({ deployed: { skipped } }: Described, report: Report, out: Out): void {
  if (skipped.length === 0) return;
  report.heading('Skipped resources');
  const byType = [...Map.groupBy(skipped, ({ type }) => type).values()];
  writeRows(
    byType.flatMap((parts) => parts.map(({ type, logicalId }) => [type, logicalId] as const)),
    out,
  );
}

function describeSkippedFunctions({ deployed: { skipped } }: Described, report: Report, out: Out): void {
  const functions = skipped.filter(({ type }) => type.startsWith('AWS::Lambda::Function'));
  if (functions.length === 0) return;
  report.heading("Functions that can't run here");
  writeRows(functions.map(({ type, logicalId }) => [logicalId, type] as const), out); // prettier-ignore
}

function describeUnreachable({ deployed: { unreachable } }: Described, report: Report, out: Out): void {
  if (unreachable.length === 0) return;
  report.heading('Calls that would time out in AWS and are refused here');
  for (const { obstacle } of unreachable) out.write(`    ${obstacle}\n`);
}

function describeMissingSecrets({ deployed: { missingSecrets } }: Described, report: Report, out: Out): void {
  if (missingSecrets.length === 0) return;
  report.heading('Secrets that do not exist (--secret NAME=FILE creates one), and the functions that use them');
  writeRows(missingSecrets.map(({ named, functions }) => [named, functions.join(', ')] as const), out); // prettier-ignore
}

function describeCommands({ deployed, environment, files }: Described, report: Report, out: Out): void {
  const { source, dataDir } = files;
  const [program, data] = [programName(), shellPath(dataDir)];
  const named = sourceArguments(source, shortestPath);
  const [key] = deployed.template.keys();
  report.heading('Commands that show decisions and calls');
  if (key !== undefined) {
    out.write(`  ${program} explain ${ADMINISTRATOR} kms:Decrypt ${key.logicalId} \\\n`);
    out.write(`    ${named}--data ${data}\n`);
  }
  out.write(`  ${program} trail --data ${data} --follow\n`);
  const auditName = environment && functionName(environment, 'audit');
  const audit = deployed.template.functions().find(({ name }) => name === auditName);
  const actor = deployed.template.aliases().find((alias) => alias.function === audit?.logicalId);
  if (audit === undefined || actor === undefined) return;
  out.write('\nFor example:\n\n');
  out.write(`  ${invokeExample(audit.name, actor.name, '{"action":"records","walletId":"w","chain":"EVM"}')}\n`);
}

/** Prints two columns, the first as wide as its longest cell. */
function writeRows(rows: readonly (readonly [string, string])[], out: Out): void {
  const width = Math.max(...rows.map(([first]) => first.length));
  for (const [first, second] of rows) out.write(`    ${first.padEnd(width)}  ${second}\n`);
}
