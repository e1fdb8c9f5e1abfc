import { readFileSync } from 'node:fs';
import { UsageError, type Values, textOf } from '../../client/commands/command';
import { shellQuote } from '../../client/commands/shell-quote';
import type { VaultOptions } from '../vault/options';
import { shippedTemplate } from '../vault/shipped';
import { resolvePath, withUsageErrors } from './options';

/** What a command deploys or reads, and the values that its stacks need from outside. */
export type Source = Pick<
  VaultOptions,
  'template' | 'bundles' | 'app' | 'stacks' | 'parameters' | 'ssmParameters' | 'secrets'
>;

/** Reads the options of `SOURCE_OPTIONS` and `SECRET_OPTIONS`. Throws `UsageError`. */
export function readSource(values: Values): Source {
  const [template, app] = [textOf(values, 'template'), textOf(values, 'app')];
  const stacks = listOf(values, 'stack');
  if (template !== undefined && app !== undefined) {
    throw new UsageError('expected --template or --app, got both');
  }
  if (stacks.length > 0 && app === undefined) throw new UsageError('expected --app DIR with --stack, got none');
  return {
    ...stacksOf(template, app),
    stacks,
    parameters: pairsOf(values, 'parameter', valueOrFile),
    ssmParameters: pairsOf(values, 'ssm-parameter', (text) => text),
    secrets: pairsOf(values, 'secret', contentOf),
  };
}

/** Returns the options that read the same stacks again, for printed commands; empty for the default template. */
export function sourceArguments(source: Source, path: (path: string) => string): string {
  const { app, stacks = [], parameters = {}, ssmParameters = {} } = source;
  const template = source.bundles === undefined ? source.template : undefined;
  const options: readonly (readonly [string, string])[] = [
    ...(template === undefined ? [] : [['--template', path(template)] as const]),
    ...(app === undefined ? [] : [['--app', path(app)] as const]),
    ...stacks.map((name) => ['--stack', name] as const),
    // values may be secret
    ...Object.keys(parameters).map((name) => ['--parameter', `${name}=…`] as const),
    ...Object.entries(ssmParameters).map(([name, value]) => ['--ssm-parameter', `${name}=${value}`] as const),
  ];
  return options.map(([name, value]) => `${name} ${shellQuote(value)} `).join('');
}

function stacksOf(template: string | undefined, app: string | undefined): Source {
  if (app !== undefined) return { app: resolvePath(app) };
  return template === undefined ? withUsageErrors(shippedTemplate) : { template: resolvePath(template) };
}

function listOf(values: Values, option: string): readonly string[] {
  const list = values[option];
  return typeof list === 'object' ? list : [];
}

/** Reads an option's pairs `NAME=VALUE`. Throws if a name occurs twice. */
function pairsOf<T>(values: Values, option: string, read: (text: string, option: string) => T): Record<string, T> {
  const pairs = new Map<string, T>();
  for (const text of listOf(values, option)) {
    const { name, value } = /^(?<name>[^=]+)=(?<value>.*)$/s.exec(text)?.groups ?? {};
    if (name === undefined || value === undefined) throw new UsageError(`expected NAME=VALUE after --${option}, got something else`); // prettier-ignore
    if (pairs.has(name)) throw new UsageError(`expected each --${option} once, got ${name} twice`);
    pairs.set(name, read(value, option));
  }
  return Object.fromEntries(pairs);
}

/** Returns a value; `@FILE` is the file's content without the end of its last line. */
function valueOrFile(text: string, option: string): string {
  return text.startsWith('@')
    ? read(text.slice(1), option)
        .toString()
        .replace(/\r?\n$/, '')
    : text;
}

/** Returns a file's content as a text if it is UTF-8. */
function contentOf(file: string, option: string): string | Uint8Array {
  const content = read(file, option);
  if (content.length === 0) throw new UsageError(`expected a value in the file after --${option}, got none in ${file}`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return content;
  }
}

function read(file: string, option: string): Buffer {
  try {
    return readFileSync(resolvePath(file));
  } catch {
    throw new UsageError(`expected a file that can be read after --${option}, got ${file}`);
  }
}
