import { relative } from 'node:path';
import { shellQuote } from '../../client/commands/shell-quote';
import type { Report } from '../demo/report';
import type { Deployed } from '../emulator/deploy';
import { functionName } from '../vault/functions';
import type { LocalWebhook } from '../vault/webhook';
import { invokeExample } from './aws-examples';
import { ADMINISTRATOR, ADMINISTRATOR_PROFILE, profileNames } from './profile-names';
import type { Profiles } from './profiles';
import { shellExports } from './shell-exports';
import { type Source, sourceArguments } from './source';

export interface Described {
  readonly deployed: Deployed;
  /** undefined if the template has no vault */
  readonly environment: string | undefined;
  /** undefined if the template has no vault with a webhook */
  readonly webhook: LocalWebhook | undefined;
  /** paths */
  readonly files: {
    readonly source: Source;
    readonly dataDir: string;
    readonly profiles: Pick<Profiles, 'file' | 'credentialsFile'>;
    /** files of the webhook's public keys, by key name */
    readonly keyFiles: ReadonlyMap<string, string>;
  };
  /** lists each skipped resource by name, not only the number per type */
  readonly verbose: boolean;
  readonly authorization: boolean;
}

type Out = Pick<NodeJS.WritableStream, 'write'>;

/** Prints how to call a deployed template, its profiles, its skipped resources, and commands that explain decisions. */
export function describeDeployed(of: Described, report: Report, out: Out): void {
  describeEndpoint(of, report);
  describeWebhook(of, report);
  describeFunctions(of, report, out);
  describeRoles(of, report, out);
  describeSkipped(of, report, out);
  describeUnreachable(of, report, out);
  describeMissingSecrets(of, report, out);
  describeCommands(of, report, out);
  out.write('\nCtrl-C stops it.\n');
}

function describeEndpoint({ deployed, environment, authorization }: Described, report: Report): void {
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
}

/** Prints the webhook's settings for Dynamic's console. */
function describeWebhook({ deployed, webhook, files: { keyFiles } }: Described, report: Report): void {
  report.detail('webhook', deployed.webhookUrl ?? 'none in the template');
  if (webhook === undefined) return;
  const { generated, value } = webhook.signing;
  report.detail('signing secret', generated ? value : 'the value that you stored');
  for (const [kid, file] of keyFiles) report.detail('webhook key', `${kid}, ${file}`);
}

function describeFunctions({ deployed: { template } }: Described, report: Report, out: Out): void {
  const aliases = template.aliases();
  report.heading("Functions and their aliases: actors, and aliases for the vault's own calls");
  const rows = template.functions().map(({ logicalId, name }) => {
    const names = aliases.filter((alias) => alias.function === logicalId).map((alias) => alias.name);
    return [name, names.length > 0 ? names.join(', ') : 'none'] as const;
  });
  writeRows(rows, out);
}

function describeRoles({ deployed: { template }, files: { profiles } }: Described, report: Report, out: Out): void {
  const names = new Map(template.functions().map(({ logicalId, name }) => [logicalId, name]));
  report.heading('Profiles: paste this line, and set AWS_PROFILE to another one of these');
  out.write(`    ${shellExports(profiles, ADMINISTRATOR_PROFILE)}\n\n`);
  const profileOf = profileNames(template.roles());
  const rows = template.roles().map((role) => {
    const runs = role.functions.map((id) => names.get(id) ?? id);
    return [
      profileOf.get(role.logicalId) ?? '',
      runs.length > 0 ? `runs ${runs.join(', ')}` : 'runs no function',
    ] as const;
  });
  writeRows([[ADMINISTRATOR_PROFILE, "a developer's access in a team account"], ...rows], out);
}

function describeSkipped({ deployed: { skipped }, verbose }: Described, report: Report, out: Out): void {
  if (skipped.length === 0) return;
  report.heading(verbose ? 'Skipped resources' : 'Number of skipped resources by type (--verbose names them)');
  const byType = [...Map.groupBy(skipped, ({ type }) => type)];
  const rows = byType.map(([type, parts]) => [type, String(parts.length)] as const);
  if (!verbose) writeRows(rows, out);
  else writeRows(byType.flatMap(([type, parts]) => parts.map(({ logicalId }) => [type, logicalId] as const)), out); // prettier-ignore
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
  const [program, data] = [programName(), shellQuote(shortestPath(dataDir))];
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
  out.write('\nFor example, after the line above:\n\n');
  out.write(`  ${invokeExample(audit.name, actor.name, '{"action":"records","walletId":"w","chain":"EVM"}')}\n`);
}

/** Returns the command that started this program, for printed examples. `share-vault` sets `SHARE_VAULT_PROGRAM`. */
export function programName(): string {
  if (process.env.SHARE_VAULT_PROGRAM === 'share-vault') return 'npx --no-install share-vault';
  return (process.argv[1] ?? '').endsWith('.ts')
    ? 'npx --no-install tsx local/cli.ts'
    : 'npx --no-install share-vault-local';
}

/** Prints two columns, the first as wide as its longest cell. */
function writeRows(rows: readonly (readonly [string, string])[], out: Out): void {
  const width = Math.max(...rows.map(([first]) => first.length));
  for (const [first, second] of rows) out.write(`    ${first.padEnd(width)}  ${second}\n`);
}

/** Returns the path relative to the user's working directory if that is shorter. */
function shortestPath(path: string): string {
  const here = relative(process.env.INIT_CWD ?? '.', path);
  return here.length < path.length ? here : path;
}
