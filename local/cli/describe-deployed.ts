import { wrap } from '../../client/commands/layout';
import type { Report } from '../demo/report';
import { HELPER_HANDLER } from '../vault/options';
import { aliasesOf } from '../vault/process-env';
import type { Described, Out } from './described';
import { describeDetails, describeWarnings } from './describe-details';
import { shortestPath } from './printed-names';
import { ADMINISTRATOR_PROFILE } from '../vault/profile-names';
import { shellExports } from './shell-exports';

/** The width of every line but the one to be pasted, and of lines with a long path. */
const WIDTH = 80;

/** Prints how to call a deployed template: what another shell needs, the webhook, the functions, and the next commands. */
export function describeDeployed(of: Described, report: Report, out: Out): void {
  describeShell(of, report, out);
  describeWebhook(of, report, out);
  describeFunctions(of, report, out);
  describeElsewhere(of, report, out);
  describeFolder(of, report, out);
  describeWarnings(of, report, out);
  if (of.verbose) describeDetails(of, report, out);
  describeNext(of, report, out);
  out.write('\nCtrl-C stops it. Each call of a function is a line:\n');
  out.write('time     function             actor        outcome code or status           time\n');
}

function describeShell({ files: { profiles } }: Described, report: Report, out: Out): void {
  report.heading('In another shell, to call it as an administrator:');
  out.write(`\n${shellExports(profiles, ADMINISTRATOR_PROFILE)}\n`);
}

function describeWebhook({ deployed, webhook }: Described, report: Report, out: Out): void {
  if (webhook === undefined && deployed.webhookUrl === undefined) return;
  report.heading("The webhook, for Dynamic's console");
  out.write(`  URL     ${deployed.webhookUrl ?? webhook?.url ?? ''}\n`);
  if (webhook === undefined) return;
  const { generated, value } = webhook.signing;
  out.write(`  secret  ${generated ? value : 'the value that you stored'}\n`);
}

function describeFunctions({ deployed: { template } }: Described, report: Report, out: Out): void {
  const callable = template.functions().filter(({ handler }) => handler !== HELPER_HANDLER);
  const rows = callable.map(({ name }) => [name, aliasesOf(template, name)] as const);
  if (rows.length === 0) return;
  report.heading('Functions and their aliases: the actors that may call them');
  const width = Math.min(Math.max(...rows.map(([name]) => name.length)), WIDTH / 2);
  for (const [name, aliases] of rows) {
    const [first = '', ...more] = wrap(aliases.join(', ') || 'none', WIDTH - width - 4);
    const long = name.length > width;
    out.write(long ? `  ${name}\n  ${''.padEnd(width)}  ${first}\n` : `  ${name.padEnd(width)}  ${first}\n`);
    for (const line of more) out.write(`  ${''.padEnd(width)}  ${line}\n`);
  }
}

function describeElsewhere({ deployed: { elsewhere } }: Described, report: Report, out: Out): void {
  if (elsewhere === undefined) return;
  report.heading('Stand-ins of services outside AWS, under their own host names by a proxy');
  out.write(`  ${elsewhere.standIns.map(({ name }) => name).join(', ')}\n`);
  out.write(`  HTTPS_PROXY          ${elsewhere.proxyUrl}\n`);
  out.write(`  NODE_EXTRA_CA_CERTS  ${shortestPath(elsewhere.caFile)}\n`);
}

function describeFolder({ files: { dataDir, temporary } }: Described, report: Report, out: Out): void {
  const end = temporary ? ' a folder that is removed at the end:' : '';
  report.heading(`For development only: keys lie in clear in${end}`);
  out.write(`  ${shortestPath(dataDir)}\n`);
}

function describeNext({ deployed, environment, webhook, verbose }: Described, report: Report, out: Out): void {
  const { skipped, unreachable } = deployed;
  if (environment !== undefined) {
    report.heading('Next, in that shell:');
    if (webhook !== undefined) out.write(`  npx --no-install share-vault webhook-test --environment ${environment}\n`);
    out.write(`  npx --no-install share-vault public-key --environment ${environment}\n`);
  }
  if (verbose || skipped.length + unreachable.length === 0) return;
  const problems = [
    ...(skipped.length > 0 ? [`${skipped.length} resources were skipped`] : []),
    ...(unreachable.length > 0 ? [`${unreachable.length} services can't be reached by a function`] : []),
  ];
  out.write(`\n${wrap(`${problems.join(', and ')}: --verbose names them.`, WIDTH).join('\n')}\n`);
}
