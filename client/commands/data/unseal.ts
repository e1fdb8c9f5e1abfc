import { type MaterialName } from '../../../lambda/contract/kinds';
import type { UnsealedRecord } from '../../record';
import { type Command, type Context, UsageError, type Values, required, textOf } from '../command';
import { EXIT } from '../exit-codes';
import { interruptible } from './interrupt';
import { ACTOR, WALLET, actorOf, kindOf, materialNamed, walletOf } from './options';
import { printJson } from '../output';
import { PrivateFile } from './private-file';
import { type Program, feed, findProgram } from './program';
import { type Target, distinct, namedTargets } from './targets';
import { withClient } from './with-client';

export const unseal: Command = {
  name: 'unseal',
  summary: 'open the materials of a wallet into files, or into a program',
  about: [
    "Opens a wallet's record and writes each material to a new file that only its owner can read, or to the standard input of a program after --. No material is printed.",
    'Each call adds a row to the access log of the wallet. So the files and the program are checked first: a file that exists, a folder that is not writable and a program that is missing open nothing.',
  ].join('\n'),
  options: {
    ...WALLET,
    reason: { value: 'TEXT', about: 'your reason, 1 to 200 characters: the access log stores it' },
    'delegated-share': { value: 'FILE', about: 'the new file for the delegated share' },
    'wallet-api-key': { value: 'FILE', about: 'the new file for the API key of the wallet' },
    'server-key-shares': { value: 'FILE', about: 'the new file for the server key shares' },
    material: {
      value: 'NAME',
      about: 'the material for --out or for the program: delegated-share, wallet-api-key or server-key-shares',
    },
    out: { value: 'FILE', about: 'the new file for the material' },
    force: { about: 'replace files that exist' },
    user: { value: 'ID', about: "open only this user's record" },
    ...ACTOR,
    json: { about: 'print the facts of the record as JSON' },
  },
  args: '[-- PROGRAM ARGUMENT...]',
  examples: [
    "share-vault unseal --wallet ID --chain EVM --reason 'restore 7' \\\n  --delegated-share share.json --wallet-api-key key.txt",
    "share-vault unseal --wallet ID --chain EVM --reason 'restore 7' \\\n  --material server-key-shares -- sha256sum",
  ],

  run: (context, values, args) => interruptible((signal) => runUnseal(context, values, args, signal)),
};

async function runUnseal(context: Context, values: Values, args: readonly string[], signal: AbortSignal) {
  const input = { ...walletOf(values), reason: required(values, 'reason'), userId: textOf(values, 'user') };
  actorOf(context, values);
  const name = materialOf(values);
  const targets = targetsOf(values, name);
  const program = args.length === 0 ? undefined : programOf(context, values, { args, name, targets });
  const kind = kindOf(program === undefined ? targets.map((target) => target.name) : name === undefined ? [] : [name]);
  const files = PrivateFile.createAll(
    targets.map(({ option, path }) => [option, path] as const),
    values.force === true,
  );
  try {
    using record = await withClient(context, values, 'unseal', (vault) => vault.unseal({ kind, ...input }, { signal }));
    files.forEach((file, i) => file.write(record[targets[i]?.name ?? 'delegatedShare']));
    if (program !== undefined && name !== undefined) await feed(program, record[name], signal);
    files.forEach((file) => file.appear());
    report(context, values, record);
    return EXIT.done;
  } catch (error) {
    for (const file of files) file.discard();
    throw error;
  }
}

function materialOf(values: Values): MaterialName | undefined {
  const material = textOf(values, 'material');
  return material === undefined ? undefined : materialNamed('material', material);
}

function targetsOf(values: Values, material: MaterialName | undefined): readonly Target[] {
  const named = namedTargets(values);
  const path = textOf(values, 'out');
  if (path === undefined) return distinct(named);
  if (material === undefined) throw new UsageError('--out: expected --material with it, got none');
  return distinct([...named, { name: material, option: 'out', path }]);
}

function programOf(
  context: Context,
  values: Values,
  { args, name, targets }: { args: readonly string[]; name: MaterialName | undefined; targets: readonly Target[] },
): Program {
  if (name === undefined) throw new UsageError('expected --material with a program, got none');
  if (targets.length > 0) throw new UsageError('expected files or a program, got both');
  if (values.json === true) throw new UsageError('--json: expected no program with it, since both print');
  return findProgram(args, context);
}

/** The facts are on standard error: standard output is the program's. */
function report({ stdout, stderr }: Context, values: Values, record: UnsealedRecord): void {
  if (values.json === true) printJson(stdout, record.toJSON());
  else
    stderr.write(
      `opened record ${record.recordId}, ${record.accessCount === 1 ? 'once' : `${record.accessCount} times`} until now\n`,
    );
  if (record.propertiesChanged === true) {
    stderr.write('the record was sealed under other wallet properties than the present ones\n');
  }
}
