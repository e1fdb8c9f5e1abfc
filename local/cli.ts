import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runDemo } from './demo/demo';
import { Report } from './demo/report';
import { type LocalVault, startVault } from './vault';

const USAGE = `The share vault on this machine: PostgreSQL, a KMS with real cryptography, the handlers that ship.

  start                  run the main job once and what is refused, then stop
  serve                  keep the vault running until Ctrl-C

  --data DIR             keep its data there across runs (by default a temporary folder)
  --port N               port of the AWS endpoint (serve; by default a free one)
  --webhook-port N       port of the webhook (serve; by default a free one)
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      data: { type: 'string' },
      port: { type: 'string' },
      'webhook-port': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const [command] = positionals;
  const known = command === 'start' || command === 'serve';
  if (values.help === true || !known || positionals.length > 1) {
    process.stdout.write(USAGE);
    return values.help === true ? 0 : 2;
  }
  const report = new Report(process.stdout);
  report.heading('The vault on this machine');
  const stopped = stopSignal();
  const vault = await startVault({
    // npm runs scripts in the package's folder: what the user typed is meant from where it was typed
    dataDir: values.data === undefined ? undefined : resolve(process.env.INIT_CWD ?? '.', values.data),
    port: readPort('--port', values.port),
    webhookPort: readPort('--webhook-port', values['webhook-port']),
    step: (label, action, describe) => report.step(label, action, describe),
  });
  try {
    if (command === 'start') await demonstrate(vault, report, stopped);
    else await serve(vault, report, stopped);
  } finally {
    await vault.close();
  }
  report.end(command === 'start' ? 'All of it as it should be.' : 'Stopped.');
  return 0;
}

/** Runs the demonstration, or leaves it where it stands at Ctrl-C: what it still asks of a stopped vault is nobody's. */
async function demonstrate(vault: LocalVault, report: Report, stopped: Promise<void>): Promise<void> {
  const demo = runDemo(vault, report);
  demo.catch(() => undefined);
  await Promise.race([demo, stopped.then(interrupted)]);
}

/** Prints how to reach the vault, and waits. */
async function serve(vault: LocalVault, report: Report, stopped: Promise<void>): Promise<void> {
  const { url, region, credentials, functions, keys, webhook } = vault;
  report.heading('How to reach it');
  report.detail('AWS_ENDPOINT_URL', url);
  report.detail('AWS_REGION', region);
  report.detail('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
  report.detail('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
  report.detail('functions', `share-vault-${vault.environment}-…: ${Object.keys(functions).join(', ')}`);
  report.detail('as signer', 'seal, unseal, revoke, properties');
  report.detail('as auditor', 'audit, properties');
  report.detail('environment', vault.environment);
  report.detail('webhook', webhook.url);
  report.detail('signing secret', webhook.secret);
  report.detail('intake key', `${keys.intakeKey.kid}, SPKI:`);
  process.stdout.write(`\n${keys.intakeKey.publicKey}\n`);
  report.detail('webhook key', `${webhook.kid}, SPKI:`);
  process.stdout.write(`\n${webhook.publicKey}\n`);
  process.stdout.write('For example:\n\n');
  process.stdout.write(
    `  aws lambda invoke --endpoint-url ${url} --function-name ${functions.audit} --qualifier auditor \\\n` +
      `    --cli-binary-format raw-in-base64-out --payload '{"action":"records","walletId":"w","chain":"EVM"}' /dev/stdout\n`,
  );
  process.stdout.write('\nCtrl-C stops it.\n');
  await stopped;
}

function readPort(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new Error(`expected a port from 1 to 65535 after ${option}, got something else`);
}

/** Resolves at the first Ctrl-C or request to end; a second one while stopping changes nothing. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
}

function interrupted(): never {
  throw new Error('interrupted');
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
