import type { FreezeScope } from '../../../lambda/contract/freezes';
import { KINDS } from '../../../lambda/contract/kinds';
import { type Command, type Context, UsageError, type Values, textOf } from '../command';
import { withClient } from '../data/with-client';
import { EXIT, type ExitCode } from '../exit-codes';
import { facts } from '../layout';
import { printJson } from '../output';
import { effectOf } from './effect';
import { freezes } from './list';
import { FREEZING, REASON_PLACEHOLDER, callerOf, nextCommand, reasonOf } from './options';

const SCOPES = '--all, --callers, --actor NAME or --kind KIND';

export const freeze: Command = {
  name: 'freeze',
  summary: 'stop openings from the next call on',
  about: [
    'Freezes openings: from the next call on no record that the freeze names is opened. Sealing, deliveries of the webhook, revoking and audits go on. A call that began before gets nothing if the database has not given it its ciphertext yet.',
    'One actor with the operation freeze is enough. To thaw takes two: share-vault thaw --help. share-vault freeze list is share-vault freezes without its options.',
  ].join('\n'),
  options: {
    all: { about: 'every record, for every caller, reseals included' },
    callers: { about: 'every record, for every caller; reseals go on' },
    actor: { value: 'NAME', about: 'every record, for this actor: one that may unseal' },
    kind: { value: 'KIND', about: `every record of this kind: ${KINDS.join(' or ')}` },
    reason: { value: 'TEXT', about: 'your reason, 1 to 200 characters: it is stored with the freeze' },
    ...FREEZING,
  },
  args: '| list',
  examples: [
    "share-vault freeze --all --reason 'ticket 4711' --as oncall",
    "share-vault freeze --actor signer --reason 'ticket 4711' --as oncall",
    'share-vault freeze list --as oncall',
  ],

  async run(context, values, args) {
    if (args[0] === 'list') return list(context, values, args.slice(1));
    if (args.length > 0) throw new UsageError('expected only options, or list, got something else');
    const scope = scopeOf(values);
    const input = { ...scope, reason: reasonOf(values) };
    const caller = callerOf(context, values);
    const response = await withClient(context, caller.values, 'freeze', (vault) => vault.freeze(input));
    const { stdout } = context;
    if (values.json === true) {
      printJson(stdout, response);
      return EXIT.done;
    }
    const { freezeId, frozenAt, inForce } = response;
    const shown = [
      ['freeze', freezeId],
      ['effect', effectOf(scope)],
      ['since', frozenAt],
      ['in force', inForce === 1 ? 'only this freeze' : `${inForce} freezes`],
    ] as const;
    stdout.write(facts(shown, stdout.columns));
    stdout.write('\nTo thaw, request it, and have another actor confirm it:\n');
    stdout.write(nextCommand(context, values, ['thaw', 'request', String(freezeId), '--reason', REASON_PLACEHOLDER], caller.actor)); // prettier-ignore
    return EXIT.done;
  },
};

/** Refuses what would freeze: whoever gives a scope wants a freeze. */
async function list(context: Context, values: Values, args: readonly string[]): Promise<ExitCode> {
  const given = ['all', 'callers', 'actor', 'kind', 'reason'].find((name) => values[name] !== undefined);
  if (given !== undefined) throw new UsageError(`--${given}: expected freeze without list, got freeze list`);
  return freezes.run(context, values, args);
}

/** Reads what to freeze. Throws `UsageError` unless exactly one option says so. */
function scopeOf(values: Values): FreezeScope {
  const [actor, kind] = [textOf(values, 'actor'), textOf(values, 'kind')];
  const given: readonly FreezeScope[] = [
    ...(values.all === true ? [{ scope: 'all' as const }] : []),
    ...(values.callers === true ? [{ scope: 'callers' as const }] : []),
    ...(actor === undefined ? [] : [{ scope: 'actor' as const, name: actor }]),
    ...(kind === undefined ? [] : [{ scope: 'kind' as const, name: kindNamed(kind) }]),
  ];
  const [scope, ...more] = given;
  if (scope !== undefined && more.length === 0) return scope;
  const got = scope === undefined ? 'none' : 'several: --as names the actor as whom you call';
  throw new UsageError(`expected one of ${SCOPES}, got ${got}`);
}

function kindNamed(name: string): (typeof KINDS)[number] {
  const kind = KINDS.find((each) => each === name);
  if (kind === undefined) throw new UsageError(`--kind: expected ${KINDS.join(' or ')}, got another`);
  return kind;
}
