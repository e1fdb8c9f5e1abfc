import { randomBytes, randomUUID } from 'node:crypto';
import type { EncryptionContext } from '../lambda/message';
import { esdkDecrypt, esdkEncrypt, wrapDataKey, wrappingKeys } from '../tools/esdk';
import { joseOpen, joseSeal } from './baselines/jose';
import type { Bench, Settings } from './harness/bench';
import { type Times, percentile, ratio, takeTurns } from './harness/measure';
import type { Goal, Row } from './harness/table';
import { type Bundled, loadBundled } from './message/bundled';

/** Bytes; 600 is about a delegated share. */
const SIZES = [32, 600, 4_096, 65_536] as const;
const QUICK_SIZES = [600] as const;
/** The size whose ratios have goals. */
const GOAL_SIZE = 600;
const ROUNDS = { warmUp: 30, rounds: 80 };
const QUICK_ROUNDS = { warmUp: 3, rounds: 7 };
/** Calls a round: enough for the clock's resolution, few enough that all ways run under the same load. */
const CALLS = { vault: 200, floor: 200, esdk: 8, jose: 30 } as const;

type Way = keyof typeof CALLS;
type Ways = Readonly<Record<Way, () => unknown>>;
const COLUMNS: readonly Way[] = ['vault', 'floor', 'jose', 'esdk'];

/** Compares the message format's writer and reader with the ESDK, with `jose`, and with the bare calls of `node:crypto`. */
export const messageBench: Bench = {
  name: 'message',
  run: async (settings) => {
    const bundled = await loadBundled();
    const rows: Row[] = [];
    for (const size of settings.quick ? QUICK_SIZES : SIZES) {
      for (const [action, ways] of Object.entries(await prepare(size, bundled))) {
        rows.push(await measure(action, size, ways, settings));
      }
    }
    return [{ title: 'Sealing and opening a message: processor time, µs', columns: COLUMNS, rows, notes: NOTES }];
  },
};

const NOTES = [
  'esdk: @aws-crypto/client-node, suite 0478, raw AES keyring. jose: JWE, dir and A256GCM, the same data key.',
  'floor: the bare calls of node:crypto that the format needs, 3 HMAC-SHA-512 and 2 AES-256-GCM.',
];

async function prepare(size: number, { openMessage, parseMessage, writeMessage, floorOf }: Bundled) {
  const context = contextOf();
  const [plaintext, dataKey] = [randomBytes(size), randomBytes(32)];
  const keys = wrappingKeys(1);
  const input = { plaintext, dataKey, wrapped: keys.map((key) => wrapDataKey(dataKey, key, context)), context };
  const message = writeMessage(input);
  const jwe = await joseSeal(input);
  const floor = floorOf(plaintext, dataKey, parseMessage(message));
  const seal: Ways = {
    vault: () => writeMessage(input),
    floor: floor.seal,
    jose: () => joseSeal(input),
    esdk: () => esdkEncrypt({ plaintext, keys, context }),
  };
  const open: Ways = {
    vault: () => openMessage(parseMessage(message), dataKey, context),
    floor: floor.open,
    jose: () => joseOpen(jwe, dataKey, context),
    esdk: () => esdkDecrypt(message, keys),
  };
  return { seal, open };
}

function contextOf(): EncryptionContext {
  return new Map([
    ['environment', 'prod'],
    ['record', randomUUID()],
    ['field', 'delegated_share'],
    ['chain', 'EVM'],
    ['owner', randomBytes(32).toString('base64url')],
  ]);
}

async function measure(action: string, size: number, ways: Ways, { quick, progress }: Settings): Promise<Row> {
  const timed = Object.fromEntries(COLUMNS.map((way) => [way, () => microseconds(CALLS[way], ways[way])])) as Record<
    Way,
    () => Promise<number>
  >;
  const label = `${action} ${size} B`;
  const times = await takeTurns(timed, quick ? QUICK_ROUNDS : ROUNDS, (done, of) =>
    progress(`${label}, round ${done} of ${of}`),
  );
  return {
    label,
    cells: COLUMNS.map((way) => percentile(times[way], 50)),
    ratios: ratiosOf(`message/${action}/${size}`, size, times),
  };
}

function ratiosOf(id: string, size: number, { vault, floor, jose, esdk }: Times<Way>) {
  const goal = (of: Goal) => (size === GOAL_SIZE ? { goal: of } : {});
  return [
    ratio({ id: `${id}/esdk`, heading: 'esdk / vault', ...goal({ atLeast: 25 }) }, esdk, vault),
    ratio({ id: `${id}/jose`, heading: 'jose / vault' }, jose, vault),
    ratio({ id: `${id}/floor`, heading: 'vault / floor', ...goal({ atMost: 1.4 }) }, vault, floor),
  ];
}

/** Returns the processor time of a call, hardly affected by other processes, in microseconds. */
async function microseconds(calls: number, call: () => unknown): Promise<number> {
  const start = process.cpuUsage();
  // awaiting a value that is no promise would cost a turn of the queue
  for (let i = 0; i < calls; i++) {
    const result = call();
    if (result instanceof Promise) await result;
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / calls;
}
