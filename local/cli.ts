import { printableLines } from '../client/commands/printable';
import { UsageError } from './cli/options';

const USAGE = `The share vault on this machine: PostgreSQL, a KMS with real cryptography and the released handlers. It enforces the
policies of its template.

  start                  run the main job and refused requests once, then stop
  serve                  keep the vault running until Ctrl-C
  explain ROLE ACTION RESOURCE
                         print the policies' decision on a call, and each policy's part in it
  trail                  print the KMS calls, and the refused calls of all services

start and serve
  --template FILE        deploy NAME.template.json of a cdk.out folder to this machine
                         (by default the template of a vault in the environment dev)
  --data DIR             keep data in this folder across runs (by default a temporary folder)
  --port N               port of the AWS endpoint (by default a free one)
  --webhook-port N       port of the webhook (by default a free one)
  --trace                print each decision on a line of its own
  --no-authorization     verify signatures, but evaluate no policies
  --verbose              name every skipped resource (serve)

explain                  exit code 0: allowed, 1: denied, 2: no decision
  --template FILE        use this template's policies (by default those of the vault in the environment dev)
  --data DIR             use the keys and names of this data folder (by default stand-ins)
  --context KEY=VALUE    add a condition key, or without a colon in KEY a pair of the encryption context; may be repeated

trail
  --data DIR             read the trail of this data folder
  --follow               also print new calls, until Ctrl-C
  --json                 print the stored lines, one JSON object each
`;

/** Loads each command on demand, because only a running vault needs PostgreSQL and the AWS SDK. */
const COMMANDS: ReadonlyMap<string, (args: readonly string[]) => Promise<number>> = new Map([
  ['start', async (args) => (await import('./cli/start')).start(args)],
  ['serve', async (args) => (await import('./cli/serve')).serve(args)],
  ['explain', async (args) => (await import('./cli/explain')).explain(args)],
  ['trail', async (args) => (await import('./cli/trail')).trail(args)],
]);

async function main([name = '', ...args]: readonly string[]): Promise<number> {
  const command = COMMANDS.get(name);
  const wantsHelp = [name, ...args].some((arg) => arg === '--help' || arg === '-h');
  if (command === undefined || wantsHelp) {
    process.stdout.write(USAGE);
    return wantsHelp ? 0 : 2;
  }
  return command(args);
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    // escapes control characters: a message may quote a template or an argument
    process.stderr.write(`\n${printableLines(error instanceof Error ? error.message : String(error))}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
