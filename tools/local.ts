import { build } from './build/bundle';
import { buildDevTemplate } from './build/dev-template';
import { LOCAL_KEYS, type LocalKey } from './build/local-keys';
import { buildLocalTemplate } from './build/local-template';
import { progress } from './build/progress';

/**
 * `npm start` and `npm run serve`: builds the handlers and the template of the environment `dev`, and runs a command of
 * `share-vault-local`. Only a checkout has the CDK, so only here `--keys` can make a template.
 */
async function main([command = '', ...args]: readonly string[]): Promise<void> {
  const { keys, others } = readKeys(args);
  await progress('bundling the handlers', () => build());
  const template = await buildTemplate(keys);
  for (const signal of SIGNALS) process.off(signal, stop);
  process.argv.splice(2, Infinity, command, ...(template === undefined ? [] : ['--template', template]), ...others);
  await import('../local/cli');
}

/** Returns the template's path, undefined for the default one, which the command finds by itself. */
async function buildTemplate(keys: readonly LocalKey[]): Promise<string | undefined> {
  if (keys.length === 0) {
    await progress('synthesizing the template of dev', () => buildDevTemplate());
    return undefined;
  }
  const label = `synthesizing the template of dev, with keys of ${keys.join(', ')}`;
  const { template, recoveryFile } = await progress(label, () => buildLocalTemplate(keys));
  if (recoveryFile !== undefined) process.stderr.write(`private recovery key: ${recoveryFile}\n`);
  return template;
}

/** Takes `--keys LIST` out of a command's arguments. Throws if a name is unknown, or if a template is given too. */
export function readKeys(args: readonly string[]): {
  readonly keys: readonly LocalKey[];
  readonly others: readonly string[];
} {
  const at = args.findIndex((each) => each === '--keys' || each.startsWith('--keys='));
  if (at < 0) return { keys: [], others: args };
  const [option = '', next = ''] = args.slice(at);
  const text = option === '--keys' ? next : option.slice('--keys='.length);
  const others = args.toSpliced(at, option === '--keys' ? 2 : 1);
  if (others.some((each) => /^--(template|app|keys)(=|$)/.test(each))) {
    throw new Error('expected --keys once and without --template or --app, got both');
  }
  return { keys: [...new Set(text.split(',').map(keyNamed))], others };
}

function keyNamed(text: string): LocalKey {
  const key = LOCAL_KEYS.find((each) => each === text.trim());
  if (key !== undefined) return key;
  throw new Error(`expected names of ${LOCAL_KEYS.join(', ')} after --keys, got ${JSON.stringify(text)}`);
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
// a synthesis ends, and removes its folder, before a signal is handled
const stop = (): never => process.exit(130);

if (require.main === module) {
  for (const signal of SIGNALS) process.once(signal, stop);
  main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
