import { printableLines } from '../client/commands/printable';
import { UsageError } from './cli/options';

const USAGE = `The share vault on this machine: PostgreSQL, a KMS with real cryptography, the handlers that ship, and the policies of
its template enforced.

  start                  run the main job once and what is refused, then stop
  serve                  keep the vault running until Ctrl-C
  explain ROLE ACTION RESOURCE
                         what the policies of a template decide on a call, and each policy's part in it
  trail                  what was asked of KMS, and what was refused

start and serve
  --template FILE        NAME.template.json of a cdk.out folder, which is deployed to this machine, its policies enforced
                         (by default the template of a vault of its own, of the environment dev)
  --data DIR             keep its data there across runs (by default a temporary folder)
  --port N               port of the AWS endpoint (by default a free one)
  --webhook-port N       port of the webhook (by default a free one)
  --trace                print each decision, a line each
  --no-authorization     verify signatures, decide nothing
  --verbose              name every resource that is not made here (serve)

explain                  exit code 0: allowed, 1: denied, 2: no answer
  --template FILE        whose policies (by default those of the vault of its own)
  --data DIR             the keys and names of that data folder (by default stand-ins)
  --context KEY=VALUE    a condition key, or without a colon in it a pair of the encryption context; may be repeated

trail
  --data DIR             of that data folder
  --follow               and what comes, until Ctrl-C
  --json                 as it is kept: a JSON object a line
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
  const helped = [name, ...args].some((arg) => arg === '--help' || arg === '-h');
  if (command === undefined || helped) {
    process.stdout.write(USAGE);
    return helped ? 0 : 2;
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
