import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import cdkJson from '../../../cdk.json';
import { runCli } from '../../../client/commands/run';
import { commandLine } from '../../../local/cli/commands';
import manifest from '../../../package.json';
import { ROOT } from './blocks';

const LOCAL = commandLine('share-vault-local');
const CDK_COMMANDS = ['bootstrap', 'deploy', 'destroy', 'diff', 'import', 'rollback', 'synth'];
/** Files that a reader writes. */
const READERS_OWN = /\bmy-|^[A-Z]+$/;

/** Returns the simple commands of a shell's text, each as its words, without variables that are set before it. */
export function commandsOf(text: string): readonly (readonly string[])[] {
  return text
    .replaceAll('\\\n', ' ')
    .replace(/(^|\s)#.*$/gm, '$1')
    .split(/\n|&&|\|\||[;|()]/)
    .map((command) => command.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [])
    .map((words) => words.slice(words.findIndex((word) => !/^([A-Za-z_]+=.*|\$)$/.test(word))))
    .filter((words) => words.length > 0);
}

/** Returns what a command names that does not exist: a program, command, option, script, stack or file of this project. */
export async function unknownIn(words: readonly string[]): Promise<readonly string[]> {
  const [program = '', first = '', ...rest] = words;
  switch (program) {
    case 'npx':
      return first === '--no-install' ? ofInstalled(rest) : [`${program} ${first}`];
    case 'share-vault':
    case 'share-vault-local':
      return ofVault(program, first, rest);
    case 'npm':
      return ofNpm(first, rest);
    case 'node':
    case 'tsx':
      return ofScript([first, ...rest]);
    case 'cdk':
      return ofCdk(first, rest);
    default:
      return [];
  }
}

async function ofInstalled(words: readonly string[]): Promise<readonly string[]> {
  const [program = ''] = words;
  const installed = existsSync(join(ROOT, 'node_modules', '.bin', program));
  return installed ? unknownIn(words) : [`npx --no-install ${program}`];
}

async function ofVault(program: string, name: string, words: readonly string[]): Promise<readonly string[]> {
  const known = name === '' || name === '…' ? [] : await optionsOf(program, name);
  if (known === undefined) return [`${program} ${name}`];
  // after `--` is another program
  const own = words.includes('--') ? words.slice(0, words.indexOf('--')) : words;
  const options = own.flatMap((word) => /^\[?(--[a-z-]+)/.exec(word)?.[1] ?? []);
  return options.filter((option) => !known.includes(option)).map((option) => `${program} ${name} ${option}`);
}

/** Returns the options of a command, or undefined if there is no such command. */
async function optionsOf(program: string, name: string): Promise<readonly string[] | undefined> {
  const local = LOCAL.commands.find((command) => command.name === name);
  if (local !== undefined) return [...Object.keys(local.options).map((option) => `--${option}`), '--help'];
  if (program === LOCAL.name) return name === 'help' ? [] : undefined;
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const code = await runCli(['help', name], { stdin: process.stdin, stdout, stderr }, {});
  stdout.end();
  return code === 0 || name === 'help' ? ((await textOf(stdout)).match(/--[a-z-]+/g) ?? []) : undefined;
}

function ofNpm(command: string, [script = '']: readonly string[]): readonly string[] {
  if (command !== 'run' && command !== 'start' && command !== 'test') return [];
  const name = command === 'run' ? script : command;
  return Object.hasOwn(manifest.scripts, name) ? [] : [`npm ${command} ${script}`];
}

function ofScript(words: readonly string[]): readonly string[] {
  const file = words.find((word) => !word.startsWith('-'));
  return file === undefined || READERS_OWN.test(file) || existsSync(join(ROOT, file)) ? [] : [file];
}

function ofCdk(command: string, words: readonly string[]): readonly string[] {
  if (!CDK_COMMANDS.includes(command)) return [`cdk ${command}`];
  const stacks = words.flatMap((word) => /^ShareVault-(\w+)$/.exec(word)?.[1] ?? []);
  return stacks
    .filter((name) => !Object.hasOwn(cdkJson.context.environments, name))
    .map((name) => `ShareVault-${name}`);
}
