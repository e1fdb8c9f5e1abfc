import { ELSEWHERE_ENV, type OtherKeyDescription } from '../../lambda/contract/elsewhere';
import { ENV } from '../../lambda/contract/variables';
import { deadlineIn } from '../../lambda/invocation/deadline';
import { createAwsKmsKey } from '../../lambda/keys/aws-kms';
import { createOtherKey } from '../../lambda/keys/elsewhere/other-key';
import type { KeyProvider } from '../../lambda/keys/provider';
import { parseMessage } from '../../lambda/message';
import { connect } from '../warm-function';
import { unsealEvent } from './events';
import { type Bundle, type Variables, loadHandler } from './handler';
import { type Rounds, takeTurns } from './rounds';
import { requestsOf, sendBare } from './sent-request';
import type { ElsewhereVault } from './vault-process';

/**
 * One round: the handler, the bare call of the database, the key's two unwraps in parallel, and the bare requests that
 * these send.
 */
export type UnsealRounds = Rounds<'handler' | 'database' | 'unwraps' | 'requests'>;

const COUNTS = { rounds: 200, warmUp: 60 };

/** Measures warm unseals of two materials with each key of a vault as its only one, by the key's type. */
export async function measureUnseals(vault: ElsewhereVault): Promise<Readonly<Record<string, UnsealRounds>>> {
  const results: Record<string, UnsealRounds> = {};
  for (const only of onlyKeys(vault)) results[only.type] = await measureUnseal(vault, only);
  return results;
}

/** A function's variables with one of the vault's keys. */
export interface OnlyKey {
  /** `aws-kms`, or the type of a key outside AWS */
  readonly type: string;
  readonly bundle: Bundle;
  readonly variables: Variables;
  readonly create: () => KeyProvider;
}

export function onlyKeys({ functions }: ElsewhereVault): readonly OnlyKey[] {
  const { [ENV.shareKeyArn]: arn, [ELSEWHERE_ENV.otherKeys]: others = '[]' } = functions.unseal.env;
  const variables = (shareKey: string | undefined, otherKeys: string | undefined): Variables => ({
    [ENV.shareKeyArn]: shareKey,
    [ELSEWHERE_ENV.otherKeys]: otherKeys,
  });
  return [
    {
      type: 'aws-kms',
      bundle: 'unseal',
      variables: variables(arn, undefined),
      create: () => createAwsKmsKey({ keyArn: arn ?? '' }),
    },
    ...(JSON.parse(others) as readonly OtherKeyDescription[]).map((key) => ({
      type: key.type,
      bundle: 'elsewhere/unseal' as const,
      variables: variables(undefined, JSON.stringify([key])),
      create: () => createOtherKey(key),
    })),
  ];
}

async function measureUnseal(vault: ElsewhereVault, { bundle, variables, create }: OnlyKey): Promise<UnsealRounds> {
  const { functions, wallet } = vault;
  const unseal = await loadHandler(bundle, functions.unseal, variables);
  const event = unsealEvent(wallet);
  // the first call logs in
  await unseal(event);
  const requests = await requestsOf(() => unseal(event));
  if (requests.length !== 2) throw new Error(`expected two requests of an unseal, got ${requests.length}`);
  const database = await connect(functions.unseal);
  const callDatabase = () => database.query<Sealed>(UNSEAL, [wallet.walletId, wallet.chain]);
  const { rows } = await callDatabase();
  const messages = rows.flatMap((row) => [row.delegated_share, row.wallet_api_key]).map(parseMessage);
  const key = create();
  const unwrap = ({ dataKeys, context }: Message) => key.unwrapDataKey(dataKeys, context, deadlineIn(10_000).signal);
  try {
    return await takeTurns(
      {
        handler: () => unseal(event),
        database: callDatabase,
        unwraps: () => Promise.all(messages.map(unwrap)),
        requests: () => Promise.all(requests.map(sendBare)),
      },
      COUNTS,
    );
  } finally {
    await database.end();
  }
}

type Message = ReturnType<typeof parseMessage>;
type Sealed = Readonly<Record<'delegated_share' | 'wallet_api_key', Buffer>>;

const UNSEAL = `CALL vault_api.unseal_delegated_share($1, $2, NULL, 'benchmark', 'signer', 'bench'${', NULL'.repeat(9)})`;
