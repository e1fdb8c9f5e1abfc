import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { synthesized } from '../../support/synthesized';
import { type Run, folder, killAll, leftOf, run } from './run';

const TEMPLATE = join(synthesized(join(__dirname, '..', 'vault', 'elsewhere', 'keys-stack.ts')), 'ShareVault-dev.template.json'); // prettier-ignore
const READY = v.object({
  elsewhere: v.strictObject({ standIns: v.array(v.string()), proxy: v.string(), caFile: v.string() }),
});

let served: Run;
let data: string;
let elsewhere: v.InferOutput<typeof READY>['elsewhere'];
beforeAll(async () => {
  const made = folder();
  data = join(made, 'data');
  const ready = join(made, 'ready.json');
  served = run(['serve', '--template', TEMPLATE, '--data', data, '--ready-file', ready]);
  await served.shows('Ctrl-C stops it');
  ({ elsewhere } = v.parse(READY, JSON.parse(readFileSync(ready, 'utf8'))));
}, 120_000);
afterAll(() => killAll());

test('serve names the stand-ins of a template, and the variables by which other programs reach them', () => {
  const [, names, proxy, file = ''] =
    /^ {2}(google.*)\n {2}HTTPS_PROXY {2,}(\S+)\n {2}NODE_EXTRA_CA_CERTS {2}(\S+)$/m.exec(served.printed()) ?? [];

  expect({ standIns: names?.split(', '), proxy }).toEqual({
    standIns: ['google', 'azure', 'vault'],
    proxy: elsewhere.proxy,
  });
  expect(file).toMatch(/stand-ins-ca\.pem$/);
});

test('ready.json names the same stand-ins, their proxy, and the certificate of their authority', () => {
  expect(elsewhere).toEqual({
    standIns: ['google', 'azure', 'vault'],
    proxy: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    caFile: join(data, 'elsewhere', 'stand-ins-ca.pem'),
  });
  expect(readFileSync(elsewhere.caFile, 'utf8')).toContain('BEGIN CERTIFICATE');
});

test('another program sets a fault at the proxy of ready.json', async () => {
  const body = '{ "fault": "throttled", "path": ":encrypt" }';

  const responses = [
    await fetch(`${elsewhere.proxy}/faults/google`, { method: 'PUT', body }),
    await fetch(`${elsewhere.proxy}/faults/google`, { method: 'DELETE' }),
  ];

  expect(responses.map(({ status }) => status)).toEqual([204, 204]);
});

test('after Ctrl-C no process and no proxy of the stand-ins is left, and their keys are', async () => {
  served.child.kill('SIGINT');

  expect(await served.ended).toBe(0);
  await expect(fetch(elsewhere.proxy)).rejects.toThrow('fetch failed');
  expect(leftOf(data, served.child.pid)).toEqual([]);
  expect(existsSync(join(data, 'elsewhere', 'google-keys.json'))).toBe(true);
});
