import { UsageError } from '../client/commands/command';
import { EXIT } from '../client/commands/exit-codes';
import { build } from './build/bundle';
import { buildDevTemplate } from './build/dev-template';
import { LOCAL_BODIES, type LocalBodies } from './build/local-bodies';
import { LOCAL_KEYS, type LocalKey } from './build/local-keys';
import { type LocalChoice, buildLocalTemplate } from './build/local-template';
import { progress } from './build/progress';

/**
 * `npm start` and `npm run serve`: builds the handlers and the template of the environment `dev`, and runs a command of
 * `share-vault-local`. Only a checkout has the CDK, so only here `--keys` and `--bodies` can make a template.
 */
async function main([command = '', ...args]: readonly string[]): Promise<void> {
  const { others, ...choice } = readChoice(args);
  await progress('bundling the handlers', () => build());
  const template = await buildTemplate(choice);
  for (const signal of SIGNALS) process.off(signal, stop);
  process.argv.splice(2, Infinity, command, ...(template === undefined ? [] : ['--template', template]), ...others);
  await import('../local/cli');
}

/** Returns the template's path, undefined for the default one, which the command finds by itself. */
async function buildTemplate({ keys, bodies }: LocalChoice): Promise<string | undefined> {
  if (keys.length === 0 && bodies === undefined) {
    await progress('synthesizing the template of dev', () => buildDevTemplate());
    return undefined;
  }
  const parts = [
    ...(keys.length > 0 ? [`keys of ${keys.join(', ')}`] : []),
    ...(bodies === undefined ? [] : [`bodies in ${bodies}`]),
  ];
  const label = `synthesizing the template of dev, with ${parts.join(' and ')}`;
  const { template, recoveryFile } = await progress(label, () => buildLocalTemplate({ keys, bodies }));
  if (recoveryFile !== undefined) process.stderr.write(`private recovery key: ${recoveryFile}\n`);
  return template;
}

/**
 * Takes `--keys LIST` and `--bodies STORE` out of a command's arguments. Throws if a name is unknown, or if a template is
 * given too.
 */
export function readChoice(args: readonly string[]): LocalChoice & { readonly others: readonly string[] } {
  const keys = takeOption('--keys', args);
  const bodies = takeOption('--bodies', keys.others);
  const { others } = bodies;
  const chosen = [keys, bodies].some(({ value }) => value !== undefined);
  if (chosen && others.some((each) => TEMPLATE_CHOICES.test(each))) {
    const [other = ''] = others.filter((each) => TEMPLATE_CHOICES.test(each));
    throw new UsageError(`expected --keys and --bodies once and without --template or --app, got ${other} too`);
  }
  return {
    keys: keys.value === undefined ? [] : [...new Set(keys.value.split(',').map(keyNamed))],
    ...(bodies.value !== undefined && { bodies: bodiesNamed(bodies.value) }),
    others,
  };
}

/** Takes the first `NAME VALUE` or `NAME=VALUE` out of arguments. */
function takeOption(
  name: string,
  args: readonly string[],
): { readonly value?: string; readonly others: readonly string[] } {
  const at = args.findIndex((each) => each === name || each.startsWith(`${name}=`));
  if (at < 0) return { others: args };
  const [option = '', next = ''] = args.slice(at);
  const value = option === name ? next : option.slice(`${name}=`.length);
  return { value, others: args.toSpliced(at, option === name ? 2 : 1) };
}

function keyNamed(text: string): LocalKey {
  const key = LOCAL_KEYS.find((each) => each === text.trim());
  if (key !== undefined) return key;
  throw new UsageError(`expected names of ${LOCAL_KEYS.join(', ')} after --keys, got ${JSON.stringify(text)}`);
}

function bodiesNamed(text: string): LocalBodies {
  const bodies = LOCAL_BODIES.find((each) => each === text.trim());
  if (bodies !== undefined) return bodies;
  throw new UsageError(`expected one of ${LOCAL_BODIES.join(', ')} after --bodies, got ${JSON.stringify(text)}`);
}

const TEMPLATE_CHOICES = /^--(template|app|keys|bodies)(?==|$)/;
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
// a synthesis ends, and removes its folder, before a signal is handled
const stop = (): never => process.exit(130);

if (require.main === module) {
  for (const signal of SIGNALS) process.once(signal, stop);
  main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = error instanceof UsageError ? EXIT.usage : EXIT.failed;
  });
}
