import { describe, expect, test } from '@jest/globals';
import { inspect } from 'node:util';
import { UnsealedRecord } from '../../client/index';
import { material } from '../support/run';
import { shapesOf } from '../support/scan';

const FACTS = {
  recordId: '00112233-4455-6677-8899-aabbccddeeff',
  kind: 'delegated-share',
  publicKey: '0x2b',
  accessCount: 3,
} as const;

function record() {
  const delegatedShare = material(600);
  const walletApiKey = material(64);
  const materials = new Map([
    ['delegatedShare' as const, delegatedShare],
    ['walletApiKey' as const, walletApiKey],
  ]);
  return { opened: new UnsealedRecord(FACTS, materials), delegatedShare, walletApiKey };
}

const isBlank = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);

describe('an unsealed record', () => {
  test('wipes its materials at the end of the block that uses it', () => {
    const { opened, delegatedShare, walletApiKey } = record();

    {
      using used = opened;
      expect(isBlank(used.delegatedShare)).toBe(false);
    }

    expect(isBlank(delegatedShare)).toBe(true);
    expect(isBlank(walletApiKey)).toBe(true);
  });

  test('returns no material after it was disposed, and can be disposed again', () => {
    const { opened } = record();

    opened.dispose();
    opened.dispose();

    expect(() => opened.delegatedShare).toThrow(ReferenceError);
    expect(() => opened.walletApiKey).toThrow(
      /^expected a record of kind delegated-share that holds its walletApiKey, got a disposed one$/,
    );
    expect(opened.recordId).toBe(FACTS.recordId);
  });

  test('wipes its materials at the end of a block that uses it asynchronously', async () => {
    const { opened, delegatedShare } = record();

    {
      await using used = opened;
      expect(isBlank(used.delegatedShare)).toBe(false);
    }

    expect(isBlank(delegatedShare)).toBe(true);
  });

  test('names the kind that has a material which it lacks', () => {
    const { opened } = record();
    const shares = new UnsealedRecord({ ...FACTS, kind: 'server-key-shares' }, new Map());

    expect(() => opened.serverKeyShares).toThrow(ReferenceError);
    expect(() => opened.serverKeyShares).toThrow(/of kind server-key-shares .* serverKeyShares, got delegated-share$/);
    expect(() => shares.walletApiKey).toThrow(/of kind delegated-share .* walletApiKey, got server-key-shares$/);
  });

  test.each([true, false])('shows whether its properties changed: %s', (propertiesChanged) => {
    const opened = new UnsealedRecord({ ...FACTS, propertiesChanged }, new Map());

    expect(opened.propertiesChanged).toBe(propertiesChanged);
    expect(opened.toJSON()).toEqual({ ...FACTS, propertiesChanged });
  });

  test('of a vault that does not report changed properties does not claim that they are the same', () => {
    const { opened } = record();

    expect(opened.propertiesChanged).toBeUndefined();
    expect(opened.toJSON()).toEqual(FACTS);
  });

  test.each<[string, (opened: UnsealedRecord) => string]>([
    ['as JSON', (opened) => JSON.stringify({ opened })],
    ['as text', (opened) => opened.toString()],
    ['in a template', (opened) => `it is ${String(opened)}`],
    ['inspected', (opened) => inspect(opened)],
    ['inspected with what is hidden', (opened) => inspect({ opened }, { showHidden: true, depth: 10, getters: true })],
    ['copied', (opened) => inspect(Object.assign({}, opened), { showHidden: true })],
  ])('shows its facts and no byte of a material, %s', (_how, show) => {
    const { opened, delegatedShare, walletApiKey } = record();

    const shown = Buffer.from(show(opened));

    expect(shown.includes(FACTS.recordId)).toBe(true);
    expect(shapesOf(delegatedShare).filter((shape) => shown.includes(shape))).toEqual([]);
    expect(shapesOf(walletApiKey).filter((shape) => shown.includes(shape))).toEqual([]);
  });
});
