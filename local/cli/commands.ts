import type { Described, Options, Values } from '../../client/commands/command';
import type { CommandLine } from '../../client/commands/parser';
import { version } from '../package.json';
import { SECRET_OPTIONS, SOURCE_OPTIONS } from './source-options';

interface LocalLine extends CommandLine {
  readonly commands: readonly LocalCommand[];
}

/** A command of `share-vault-local`. */
export interface LocalCommand extends Described {
  /** Runs the command, and returns its exit code. @param args - those after the options */
  run(values: Values, args: readonly string[]): Promise<number>;
}

const DEPLOYMENT: Options = {
  ...SOURCE_OPTIONS,
  ...SECRET_OPTIONS,
  data: { value: 'DIR', about: 'keep data in this folder across runs (by default a temporary folder)' },
  port: { value: 'N', about: 'port of the AWS endpoint (by default a free one)' },
  'webhook-port': { value: 'N', about: 'port of the webhook (by default a free one)' },
  trace: { about: 'print each decision on a line of its own' },
  'no-authorization': { about: 'verify signatures, but evaluate no policies' },
};

/** The options of `serve` besides those of each deployment. */
const SERVING: Options = {
  verbose: { about: 'also print credentials, profiles, keys, skipped resources and more commands' },
  json: { about: 'print one JSON object a line, with its kind as the member event' },
  'ready-file': {
    value: 'FILE',
    about: 'keep the facts of the running vault in this file, as JSON, while it is ready',
  },
  'env-file': { value: 'FILE', about: 'keep variables for other programs in this file, while the vault is ready' },
  // Node takes --env-file for itself unless it was started with `--` (nodejs/node#54232)
  dotenv: {
    value: 'FILE',
    about: 'the same as --env-file, behind npx: there Node reads that option itself',
  },
  actor: { value: 'NAME', about: 'with --env-file: add the variables of a client that calls as this actor' },
};

/** Loads each command on demand, because only a running vault needs PostgreSQL and the AWS SDK. */
const COMMANDS: readonly LocalCommand[] = [
  {
    name: 'start',
    summary: 'run the main job and refused requests once, then stop',
    about:
      'Deploys a vault to this machine, runs the main job once, shows the requests that the vault refuses, and stops.',
    options: DEPLOYMENT,
    examples: ['share-vault-local start', 'share-vault-local start --data .vault --trace'],
    run: async (values) => (await import('./start')).start(values),
  },
  {
    name: 'serve',
    summary: 'keep the vault running until Ctrl-C',
    about:
      'Deploys a template to this machine, prints how to call it, and keeps it running until Ctrl-C. Prints a line for each call of a function.',
    options: { ...DEPLOYMENT, ...SERVING },
    examples: [
      'share-vault-local serve --data .vault',
      'share-vault-local serve --template cdk.out/App.template.json --port 4566',
      'share-vault-local serve --json --ready-file ready.json --dotenv local.env --actor backend',
    ],
    run: async (values) => (await import('./serve')).serve(values),
  },
  {
    name: 'explain',
    summary: "print the policies' decision on a call, and each policy's part in it",
    about:
      "Prints the decision of a template's policies on a call, and the part of each policy in it. Exit code 0: allowed; 1: denied; 2: no decision.",
    args: 'ROLE ACTION RESOURCE',
    options: {
      all: { about: 'decide by each role of the template: explain --all ACTION RESOURCE; the exit code is 0' },
      csv: { about: 'print a row for the decision, for a spreadsheet' },
      json: { about: "print the decision as JSON, with each policy's part" },
      ...SOURCE_OPTIONS,
      data: { value: 'DIR', about: 'use the keys and names of this data folder (by default stand-ins)' },
      context: {
        value: 'KEY=VALUE',
        about: 'add a condition key, or without a colon in KEY a pair of the encryption context; may be repeated',
        repeated: true,
      },
    },
    examples: [
      'share-vault-local explain --all kms:Decrypt KEY --template cdk.out/App.template.json',
      'share-vault-local explain ROLE kms:Decrypt KEY --data .vault \\\n  --context kms:ViaService=lambda.eu-central-1.amazonaws.com',
    ],
    run: async (values, args) => (await import('./explain')).explain(values, args),
  },
  {
    name: 'matrix',
    summary: 'print which principal of a template may send which request to its vault',
    about:
      "Prints which principal of a template may send which request to its vault, by the template's policies: without --all only requests and principals with a permission.",
    options: {
      ...SOURCE_OPTIONS,
      environment: { value: 'NAME', about: 'of a template with several vaults, evaluate this one' },
      all: { about: 'also print what is denied; of a template with several vaults, evaluate each' },
      csv: { about: 'print a row for each principal and request, for a spreadsheet' },
      json: { about: 'print one JSON document, with the statements that decide' },
    },
    examples: [
      'share-vault-local matrix --template cdk.out/App.template.json',
      'share-vault-local matrix --template cdk.out/App.template.json --all --csv > matrix.csv',
    ],
    run: async (values, args) => (await import('./matrix')).matrix(values, args),
  },
  {
    name: 'trail',
    summary: 'print the KMS calls, and the refused calls of all services',
    about:
      'Prints the KMS calls, and the refused calls of all services, of a data folder: time, result, principal, action, key, encryption context.',
    options: {
      data: { value: 'DIR', about: 'read the trail of this data folder' },
      follow: { about: 'also print new calls, until Ctrl-C' },
      json: { about: 'print the stored lines, one JSON object each' },
    },
    examples: [
      'share-vault-local trail --data .vault --follow',
      'share-vault-local trail --data .vault --json > trail.jsonl',
    ],
    run: async (values) => (await import('./trail')).trail(values),
  },
];

/** The command line of `share-vault-local`, whose commands `share-vault` runs too. @param name - the program's name */
export function commandLine(name: string): LocalLine {
  const named = (text: string): string => text.replaceAll('share-vault-local', name);
  return {
    name,
    version,
    about:
      'The share vault on this machine: PostgreSQL, a KMS with real cryptography and the released handlers. It enforces the policies of its template.',
    commands: COMMANDS.map((command) => ({ ...command, examples: command.examples.map(named) })),
    common: {},
    examples: [`${name} start`, `${name} help serve`],
  };
}
