/* The scripted part of docs/first-deploy.md: settles in an account what calls can settle. */
import { parseArgs } from 'node:util';
import { runSteps } from './run';

const USAGE = `npx --no-install tsx tools/first-deploy/main.ts --environment NAME --actor NAME [--auditor NAME] [--region REGION] [--json]

Runs the scripted steps of docs/first-deploy.md against a deployed vault: doctor, then made-up material sealed, opened,
refused and revoked as the actor (which needs seal, unseal and revoke), its access log verified as the auditor, and the
webhook if there is one. Leaves the tombstone of one made-up wallet behind. Exit code 0: every step passed.
`;

async function main(args: string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const options = { environment: text, actor: text, auditor: text, region: text, json: { type: 'boolean' } } as const;
  const values = read(() => parseArgs({ args, options }).values);
  const { environment, actor, auditor = 'auditor', region, json = false } = values ?? {};
  if (environment === undefined || actor === undefined) {
    process.stderr.write(USAGE);
    return 2;
  }
  return runSteps({ environment, actor, auditor, region, json }, process.stdout);
}

/** Returns the parsed arguments, undefined if any is none of the usage's. */
function read<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`first-deploy: ${error instanceof Error ? error.message : 'failed'}\n`);
    process.exitCode = 1;
  },
);
