import { KINDS, type Kind } from '../../../lambda/contract/kinds';
import type { Wallet } from '../../requests';
import { type Command, CommandFailure, type Context, UsageError, type Values, required } from '../command';
import { typedLine } from '../confirm';
import { EXIT } from '../exit-codes';
import { facts } from '../layout';
import { printable } from '../printable';
import { ACTOR, JSON_OUTPUT, WALLET, actorOf, walletOf } from './options';
import { printJson } from '../output';
import { withClient } from './with-client';

export const revoke: Command = {
  name: 'revoke',
  summary: 'destroy the materials of a wallet permanently',
  about: [
    'Destroys the sealed materials of a wallet. Nothing restores them. A terminal asks for the id of the wallet; elsewhere --yes is necessary.',
    'Exit code 3: the vault has never seen the wallet, so its name may be mistyped. The wallet can receive no materials from then on.',
  ].join('\n'),
  options: {
    ...WALLET,
    reason: { value: 'TEXT', about: 'your reason, 1 to 200 characters: the access log stores it' },
    kind: {
      value: 'KIND',
      about: 'only the records of this kind: delegated-share or server-key-shares; may be repeated',
      repeated: true,
    },
    yes: { about: 'do not ask' },
    ...ACTOR,
    ...JSON_OUTPUT,
  },
  examples: ["share-vault revoke --wallet ID --chain EVM --reason 'user left'"],

  async run(context, values) {
    const wallet = walletOf(values);
    const kinds = kindsOf(values);
    const input = { ...wallet, reason: required(values, 'reason'), ...(kinds !== undefined && { kinds }) };
    actorOf(context, values);
    if (values.yes !== true) await confirm(context, wallet, kinds ?? KINDS);
    const response = await withClient(context, values, 'revoke', (vault) => vault.revoke(input));
    if (values.json === true) printJson(context.stdout, response);
    else context.stdout.write(facts([['records destroyed', response.revoked], ['unreadable after', response.unreadableAfter]], context.stdout.columns)); // prettier-ignore
    if (response.known !== false) return EXIT.done;
    throw new CommandFailure('expected a wallet that the vault has seen, got none: is it spelled as it was sealed', {
      exit: EXIT.notFound,
    });
  },
};

function kindsOf(values: Values): readonly Kind[] | undefined {
  const given = values.kind;
  if (!Array.isArray(given)) return undefined;
  return [...new Set(given)].map((name) => {
    const kind = KINDS.find((each) => each === name);
    if (kind === undefined) throw new UsageError(`--kind: expected ${KINDS.join(' or ')}, got another`);
    return kind;
  });
}

/** Has the user type the wallet's id. Throws if there is no terminal, or if another text is typed. */
async function confirm(
  { stdin, stderr, environment }: Context,
  { walletId, chain }: Wallet,
  kinds: readonly Kind[],
): Promise<void> {
  if (stdin.isTTY !== true) throw new UsageError('expected --yes, since there is no terminal to ask at');
  const wallet = `wallet ${printable(walletId)} on ${printable(chain)} in ${environment}`;
  stderr.write(`This destroys the materials of ${wallet} permanently: ${kinds.join(' and ')}.\n`);
  stderr.write("Type the wallet's id to confirm: ");
  if ((await typedLine(stdin)).trim() !== walletId) {
    throw new CommandFailure("expected the wallet's id, got another text: nothing was revoked");
  }
}
