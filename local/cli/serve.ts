import { parseArgs } from 'node:util';
import { Report } from '../demo/report';
import { type LocalVault, startVault } from '../vault';
import { UsageError, fromHere, readPort } from './options';
import { serveTemplate } from './serve-template';
import { stopSignal } from './stop';

const OPTIONS = {
  data: { type: 'string' },
  port: { type: 'string' },
  'webhook-port': { type: 'string' },
  template: { type: 'string' },
  trace: { type: 'boolean' },
  verbose: { type: 'boolean' },
  'no-authorization': { type: 'boolean' },
} as const;

/** Mean something for a template alone. */
const OF_TEMPLATE = ['trace', 'verbose', 'no-authorization'] as const;

/** `serve`: the vault until Ctrl-C, by itself or as a template has it. */
export async function serve(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  if (positionals.length > 0) throw new UsageError('expected options alone after serve');
  const options = {
    dataDir: values.data === undefined ? undefined : fromHere(values.data),
    port: readPort('--port', values.port),
    webhookPort: readPort('--webhook-port', values['webhook-port']),
  };
  if (values.template !== undefined) {
    return serveTemplate({
      ...options,
      template: fromHere(values.template),
      trace: values.trace === true,
      verbose: values.verbose === true,
      authorization: values['no-authorization'] !== true,
    });
  }
  const stray = OF_TEMPLATE.find((option) => values[option] === true);
  if (stray !== undefined) throw new Error(`expected --template FILE beside --${stray}, got none`);
  return serveVault(options);
}

type VaultOptions = Pick<NonNullable<Parameters<typeof startVault>[0]>, 'dataDir' | 'port' | 'webhookPort'>;

async function serveVault(options: VaultOptions): Promise<number> {
  const report = new Report(process.stdout);
  report.heading('The vault on this machine');
  const stopped = stopSignal();
  const vault = await startVault({
    ...options,
    step: (label, action, describe) => report.step(label, action, describe),
  });
  try {
    describe(vault, report);
    await stopped;
  } finally {
    await vault.close();
  }
  report.end('Stopped.');
  return 0;
}

/** How to reach it. */
function describe(vault: LocalVault, report: Report): void {
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
}
