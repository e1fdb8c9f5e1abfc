import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as backup from '@aws-sdk/client-backup';
import * as cloudformation from '@aws-sdk/client-cloudformation';
import * as cloudtrail from '@aws-sdk/client-cloudtrail';
import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as kms from '@aws-sdk/client-kms';
import * as lambda from '@aws-sdk/client-lambda';
import * as rds from '@aws-sdk/client-rds';
import * as secretsManager from '@aws-sdk/client-secrets-manager';

/** The modules that know each service's operations and their members, by the service's name on the command line. */
const SERVICES: Readonly<Record<string, object>> = {
  backup,
  cloudformation,
  cloudtrail,
  cloudwatch,
  kms,
  lambda,
  rds,
  secretsmanager: secretsManager,
};

/** No module of IAM is installed: the members of its operations that the runbooks use, from the API reference. */
const IAM: Readonly<Record<string, readonly string[]>> = {
  PutRolePolicy: ['RoleName', 'PolicyName', 'PolicyDocument'],
  DeleteRolePolicy: ['RoleName', 'PolicyName'],
};

/** Options of the command line itself. */
const OWN = ['query', 'output', 'profile', 'region'];

/** What a line `aws SERVICE OPERATION …` asks for. */
export interface AwsLine {
  readonly service: string;
  /** the API's name, such as `DisableKey` */
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly query: string | undefined;
  readonly output: string | undefined;
  readonly profile: string | undefined;
  /** the file for what a function returns, which `aws lambda invoke` takes as its last word */
  readonly outfile?: string;
}

/**
 * Reads the words after `aws`. Throws for an operation or a member that the vendor's SDK doesn't have.
 *
 * @param folder of files that `file://` names
 */
export function readAwsLine([service = '', command = '', ...words]: readonly string[], folder: string): AwsLine {
  if (command === 'wait') return waitLine(service, words, folder);
  if (service === 'lambda' && command === 'invoke') {
    return { ...readLine(service, command, words.slice(0, -1), folder), outfile: words.at(-1) ?? '' };
  }
  return readLine(service, command, words, folder);
}

function readLine(service: string, command: string, words: readonly string[], folder: string): AwsLine {
  const { operation, members } = operationOf(service, command);
  const options = optionsOf(words);
  const own = Object.fromEntries(OWN.map((name) => [name, options.get(name)?.join(' ')]));
  const input: Record<string, unknown> = {};
  for (const [name, values] of options) {
    if (OWN.includes(name)) continue;
    const [member, type] =
      members.find(([each]) => same(each, name)) ??
      members.find(([each]) => name.startsWith('no-') && same(each, name.slice(3))) ??
      fail(`aws ${service} ${command}: expected a member of the API, got --${name}`);
    input[member] = same(member, name) ? valueOf(type, values, folder) : false;
  }
  return { service, operation, input, query: own.query, output: own.output, profile: own.profile };
}

/** The operations that the vendor's waiters repeat, by the waiters' names. */
const WAITERS: Readonly<Record<string, string>> = {
  'db-cluster-available': 'describe-db-clusters',
  'db-instance-available': 'describe-db-instances',
};

/** Reads `aws SERVICE wait WAITER …`. */
function waitLine(service: string, [waiter = '', ...words]: readonly string[], folder: string): AwsLine {
  const exists = Object.keys(SERVICES[service] ?? {}).some((name) => same(name, `wait-until-${waiter}`));
  const repeated = exists ? WAITERS[waiter] : undefined;
  return readAwsLine([service, repeated ?? fail(`aws ${service} wait: no waiter ${waiter}`), ...words], folder);
}

type Members = readonly (readonly [name: string, type: unknown])[];

function operationOf(service: string, command: string): { readonly operation: string; readonly members: Members } {
  if (service === 'iam') {
    const operation = Object.keys(IAM).find((name) => same(name, command)) ?? fail(`aws iam: no operation ${command}`);
    return { operation, members: (IAM[operation] ?? []).map((name) => [name, 0]) };
  }
  const module = SERVICES[service] ?? fail(`aws: expected a service of the runbooks, got ${service}`);
  const operation =
    Object.keys(module)
      .find((name) => name.endsWith('Command') && same(name, `${command}-command`))
      ?.slice(0, -7) ?? fail(`aws ${service}: no operation ${command}`);
  // [kind, namespace, name, traits, input, output]
  return { operation, members: membersOf(part(Reflect.get(module, `${operation}$`), 4)) };
}

/** Returns the members of a structure of the SDK's schema: [kind, namespace, name, traits, names, types]. */
function membersOf(schema: unknown): Members {
  const structure = resolved(schema);
  const [names, types] = [part(structure, 4), part(structure, 5)];
  if (!Array.isArray(names) || !Array.isArray(types)) return [];
  return names.map((name, index) => [String(name), types[index]] as const);
}

/** A schema is a value, a function that returns it, or a pair with traits. */
function resolved(schema: unknown): unknown {
  const value: unknown = typeof schema === 'function' ? (schema as () => unknown)() : schema;
  return Array.isArray(value) && value.length === 2 ? resolved(value[0]) : value;
}

const NUMBER = 1;
const BOOLEAN = 2;
const TIMES = [4, 5, 6, 7];
const LIST = 64;
const LIST_KIND = 1;

function valueOf(type: unknown, words: readonly string[], folder: string): unknown {
  const schema = resolved(type);
  const [first = '', ...others] = words;
  if (schema === BOOLEAN) return words.length === 0 || first === 'true';
  if (Array.isArray(schema) && schema[0] === LIST_KIND) return words.map((word) => shorthand(schema[4], word));
  if (typeof schema === 'number' && schema >= LIST && schema < 2 * LIST) return words;
  if (Array.isArray(schema) && first.includes('=')) return shorthand(schema, words.join(','));
  if (others.length > 0 || words.length === 0) return fail(`aws: expected one value, got ${words.length}`);
  if (schema === NUMBER) return Number(first);
  if (typeof schema === 'number' && TIMES.includes(schema)) return new Date(first);
  return first.startsWith('file://') ? readFileSync(join(folder, first.slice(7)), 'utf8') : first;
}

/** Reads `Name=a,Values=b` as the members of a structure, and any other word as itself. */
function shorthand(type: unknown, word: string): unknown {
  const members = membersOf(type);
  if (members.length === 0) return word;
  return Object.fromEntries(
    word.split(',').map((pair) => {
      const [name = '', value = ''] = pair.split('=');
      const [member, of] = members.find(([each]) => each === name) ?? fail(`aws: expected a member, got ${name}`);
      return [member, valueOf(of, [value], '.')];
    }),
  );
}

function optionsOf(words: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const options = new Map<string, string[]>();
  let last: string[] | undefined;
  for (const word of words) {
    if (word.startsWith('--')) options.set(word.slice(2), (last = []));
    else (last ?? fail('aws: expected an option, got a value')).push(word);
  }
  return options;
}

function same(member: string, option: string): boolean {
  return member.toLowerCase() === option.replaceAll('-', '').toLowerCase();
}

function part(value: unknown, index: number): unknown {
  return Array.isArray(value) ? (value[index] as unknown) : undefined;
}

function fail(message: string): never {
  throw new Error(message);
}

/**
 * Returns what the command line prints of a response, for a query of names, `*`, `[]`, `[N]`, `[?NAME=='TEXT']` and `|`. A
 * projection leaves out what is missing, as JMESPath does; a missing result is printed as null, or as the text None.
 */
export function printedOf(response: object, { query, output }: AwsLine): string {
  const steps = (query ?? '').match(/\[\?\w+=='[^']*'\]|[A-Za-z]\w*|\*|\[\d*\]/g) ?? [];
  const found = steps.reduce<unknown>(selected, response) ?? null;
  if (output !== 'text') return `${JSON.stringify(found, null, 4)}\n`;
  return `${[found]
    .flat()
    .map((value: unknown) => value ?? 'None')
    .map(String)
    .join('\t')}\n`;
}

function selected(value: unknown, step: string): unknown {
  const get = (of: unknown, name: string): unknown =>
    typeof of === 'object' && of !== null ? Reflect.get(of, name) : undefined;
  if (step === '[]') return value;
  if (step === '*') return Object.values(value as object);
  const [, name, text] = /^\[\?(\w+)=='([^']*)'\]$/.exec(step) ?? [];
  if (name !== undefined) return (value as unknown[]).filter((each) => get(each, name) === text);
  if (step.startsWith('[')) return part(value, Number(step.slice(1, -1)));
  if (!Array.isArray(value)) return get(value, step);
  return value.map((each) => get(each, step)).filter((each) => each !== undefined);
}
