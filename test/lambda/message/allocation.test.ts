import { beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openMessage, parseMessage } from '../../../lambda/message';
import { bytewise, MIB, REFUSED, SEEN } from './allocation-cases';
import { forge } from './forge';

const SLACK = 4_096;

let measured: Readonly<Record<string, { readonly bytes: number; readonly error?: string }>>;
beforeAll(() => {
  const args = ['--expose-gc', '--import', 'tsx', join(__dirname, 'allocations.ts')];
  measured = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as typeof measured;
});

describe('the measure sees', () => {
  // an allocation missed here could be missed below
  test.each(Object.keys(SEEN))('%s', (what) => {
    expect(measured[what]?.bytes).toBeGreaterThanOrEqual(MIB - SLACK);
  });
});

describe('the reader allocates under 1 MiB for', () => {
  test.each(Object.keys(REFUSED))('%s, and refuses it', (what) => {
    expect(measured[what]?.bytes).toBeLessThan(MIB);
    expect(measured[what]?.error).toBe('MessageCorrupt');
  });

  test('2,000 frames of a byte each, and opens them', async () => {
    const dataKey = randomBytes(32);
    const message = forge({ dataKey, frames: bytewise(2_000), frameLength: 1 });

    expect(measured['2,000 frames of a byte each']?.bytes).toBeLessThan(MIB);
    expect(openMessage(parseMessage(message), dataKey, new Map())).toHaveLength(2_000);
  });

  test('a message that opens to 65,536 bytes', () => {
    expect(measured['a message that opens to 65,536 bytes']?.bytes).toBeLessThan(MIB);
  });
});
