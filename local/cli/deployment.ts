import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { authorizationAvailable } from '../emulator/authorization';
import { SIMULATOR } from '../emulator/authorization/simulator';
import { Report } from '../demo/report';
import type { VaultOptions } from '../vault';
import { shippedTemplate } from '../vault/shipped';
import { UNAUTHORIZED, prefixed } from './banner';
import { UsageError, fromHere, parsed, readPort } from './options';

const OPTIONS = {
  template: { type: 'string' },
  data: { type: 'string' },
  port: { type: 'string' },
  'webhook-port': { type: 'string' },
  trace: { type: 'boolean' },
  verbose: { type: 'boolean' },
  'no-authorization': { type: 'boolean' },
} as const;

/** The options of `start` and `serve`, and their output. */
export interface Deployment {
  readonly options: VaultOptions & { readonly authorization: boolean };
  /** lists each skipped resource by name */
  readonly verbose: boolean;
  readonly out: NodeJS.WritableStream;
  readonly report: Report;
}

/** Reads a command's arguments and starts its report. Throws if policies apply but nothing can evaluate them. */
export async function readDeployment(command: string, args: readonly string[]): Promise<Deployment> {
  const { values, positionals } = parsed(() =>
    parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS }),
  );
  if (positionals.length > 0) throw new UsageError(`expected options alone after ${command}`);
  const authorization = values['no-authorization'] !== true;
  const source = values.template === undefined ? shippedTemplate() : { template: fromHere(values.template) };
  const ports = {
    port: readPort('--port', values.port),
    webhookPort: readPort('--webhook-port', values['webhook-port']),
  };
  await requireSimulator(authorization);
  const out = authorization ? process.stdout : prefixed(UNAUTHORIZED, process.stdout);
  const report = new Report(out);
  report.heading(`${basename(source.template)} on this machine`);
  const options = {
    ...{ ...source, ...ports, authorization },
    dataDir: values.data === undefined ? undefined : fromHere(values.data),
    trace: values.trace === true ? (line: string) => void out.write(`${line}\n`) : undefined,
    step: ((label, action, describe) => report.step(label, action, describe)) satisfies VaultOptions['step'],
  };
  return { options, verbose: values.verbose === true, out, report };
}

/** Throws if the policy simulator is missing, so that unevaluated policies never look enforced. */
async function requireSimulator(authorization: boolean): Promise<void> {
  if (!authorization || (await authorizationAvailable())) return;
  const how = `install it (npm install --save-dev ${SIMULATOR}) or give --no-authorization`;
  throw new Error(`expected the package ${SIMULATOR}, which evaluates policies, got none: ${how}`);
}
