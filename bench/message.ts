import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
  randomUUID,
} from 'node:crypto';
import { median } from './median';
import { openMessage, parseMessage, writeMessage } from '../lambda/message';
import { esdkDecrypt, esdkEncrypt, wrapDataKey, wrappingKeys } from '../tools/esdk';

/**
 * Medians over the rounds: microseconds of processor time a message, hardly affected by other processes, and ratios of the
 * implementations within each round.
 */
export interface MessageBench {
  readonly write: Medians;
  readonly read: Medians;
}

interface Medians {
  readonly native: number;
  /** `@aws-crypto/client-node`, suite 0478, raw AES keyring */
  readonly esdk: number;
  /** the bare `node:crypto` calls that no implementation can do without: 3 HMAC-SHA-512, 2 GCM */
  readonly floor: number;
  readonly esdkToNative: number;
  readonly nativeToFloor: number;
}

/** As long as a delegated share is. */
const PLAINTEXT_BYTES = 600;
const WARM_UP_ROUNDS = 30;
const ROUNDS = 80;
/** Calls a round: enough for the clock's resolution, few enough that all implementations run under the same load. */
const CALLS = 200;
const ESDK_CALLS = 8;

type Call = () => unknown;

/**
 * Compares the message format's writer and reader with the ESDK and with the floor. The implementations take turns within
 * each round, in reverse order in every other round, so a slow moment of the machine slows them all. Prints a table.
 */
export async function benchMessage(): Promise<MessageBench> {
  const { write, read } = await prepare();
  const bench = { write: await measure(write), read: await measure(read) };
  print(bench);
  return bench;
}

interface Ways {
  readonly native: Call;
  readonly esdk: Call;
  readonly floor: Call;
}

async function prepare(): Promise<{ readonly write: Ways; readonly read: Ways }> {
  const context = new Map([
    ['environment', 'prod'],
    ['record', randomUUID()],
    ['field', 'delegated_share'],
    ['chain', 'EVM'],
    ['owner', randomBytes(32).toString('base64url')],
  ]);
  const plaintext = randomBytes(PLAINTEXT_BYTES);
  const dataKey = randomBytes(32);
  const keys = wrappingKeys(1);
  const wrapped = keys.map((key) => wrapDataKey(dataKey, key, context));
  const message = writeMessage({ plaintext, dataKey, wrapped, context });
  const { header, messageId } = parseMessage(message);
  const floor = floorWays(plaintext, dataKey, header, messageId);
  return {
    write: {
      native: () => writeMessage({ plaintext, dataKey, wrapped, context }),
      esdk: () => esdkEncrypt({ plaintext, keys, context }),
      floor: floor.write,
    },
    read: {
      native: () => openMessage(parseMessage(message), dataKey, context),
      esdk: () => esdkDecrypt(message, keys),
      floor: floor.read,
    },
  };
}

function floorWays(plaintext: Buffer, dataKey: Buffer, header: Uint8Array, messageId: Uint8Array) {
  const iv = Buffer.alloc(12);
  const info = Buffer.alloc(12);
  const additional = Buffer.alloc(78);
  const options = { authTagLength: 16 };
  const derive = (): KeyObject => {
    const pseudorandom = createSecretKey(createHmac('sha512', createSecretKey(messageId)).update(dataKey).digest());
    createHmac('sha512', pseudorandom).update(info).digest();
    return createSecretKey(createHmac('sha512', pseudorandom).update(info).digest().subarray(0, 32));
  };
  const seal = (key: KeyObject, aad: Uint8Array, text?: Buffer): { ciphertext: Buffer; tag: Buffer } => {
    const cipher = createCipheriv('aes-256-gcm', key, iv, options).setAAD(aad);
    const ciphertext = text === undefined ? Buffer.alloc(0) : cipher.update(text);
    cipher.final();
    return { ciphertext, tag: cipher.getAuthTag() };
  };
  const open = (key: KeyObject, aad: Uint8Array, tag: Buffer, ciphertext?: Buffer): void => {
    const decipher = createDecipheriv('aes-256-gcm', key, iv, options).setAAD(aad).setAuthTag(tag);
    if (ciphertext !== undefined) decipher.update(ciphertext);
    decipher.final();
  };
  const sealedHeader = seal(derive(), header);
  const sealedFrame = seal(derive(), additional, plaintext);
  return {
    write: () => {
      const key = derive();
      seal(key, header);
      seal(key, additional, plaintext);
    },
    read: () => {
      const key = derive();
      open(key, header, sealedHeader.tag);
      open(key, additional, sealedFrame.tag, sealedFrame.ciphertext);
    },
  };
}

async function measure(ways: Ways): Promise<Medians> {
  const rounds: Round[] = [];
  for (let i = 0; i < WARM_UP_ROUNDS + ROUNDS; i++) {
    const round = await takeTurns(ways, i % 2 === 0 ? ['floor', 'native', 'esdk'] : ['esdk', 'native', 'floor']);
    if (i >= WARM_UP_ROUNDS) rounds.push(round);
  }
  return {
    native: median(rounds.map(({ native }) => native)),
    esdk: median(rounds.map(({ esdk }) => esdk)),
    floor: median(rounds.map(({ floor }) => floor)),
    esdkToNative: median(rounds.map(({ esdk, native }) => esdk / native)),
    nativeToFloor: median(rounds.map(({ native, floor }) => native / floor)),
  };
}

type Round = Record<keyof Ways, number>;

async function takeTurns(ways: Ways, order: readonly (keyof Ways)[]): Promise<Round> {
  const round = { native: 0, esdk: 0, floor: 0 };
  for (const way of order) round[way] = await microseconds(way === 'esdk' ? ESDK_CALLS : CALLS, ways[way]);
  return round;
}

async function microseconds(calls: number, call: Call): Promise<number> {
  const start = process.cpuUsage();
  // awaiting a value that is no promise would cost a turn of the queue
  for (let i = 0; i < calls; i++) {
    const result = call();
    if (result instanceof Promise) await result;
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / calls;
}

function print({ write, read }: MessageBench): void {
  console.log(`message format, ${PLAINTEXT_BYTES} bytes, medians of ${ROUNDS} rounds, µs of processor time a message`);
  console.log(row('', 'native', 'ESDK', 'floor', 'ESDK / native', 'native / floor'));
  const rows: readonly [string, Medians][] = [
    ['write', write],
    ['read', read],
  ];
  for (const [name, { native, esdk, floor, esdkToNative, nativeToFloor }] of rows) {
    const times = [native, esdk, floor].map((time) => time.toFixed(1));
    console.log(row(name, ...times, `${esdkToNative.toFixed(1)} (≥ 20)`, `${nativeToFloor.toFixed(2)} (≤ 1.6)`));
  }
}

function row(name: string, ...cells: readonly string[]): string {
  return [name.padEnd(6), ...cells.map((cell) => cell.padStart(16))].join('');
}

if (require.main === module) void benchMessage();
