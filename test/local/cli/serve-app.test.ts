import { afterEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { assemblyOf, holder } from '../emulator/deploy/cloud-assembly';
import { killAll, run } from './run';
import { serveWith, stop } from './served';

afterEach(killAll);

const KEY = { Type: 'AWS::KMS::Key', Properties: {} };
const Resources = { Key: KEY, Mine: holder('x') };
const Parameters = { Url: { Type: 'String' }, Token: { Type: 'String', NoEcho: true } };
const APP = {
  One: { template: { Resources } },
  Two: { template: { Parameters, Resources: { ...Resources, Only: KEY, It: holder({ Ref: 'Url' }) } } },
};

describe('an app on the command line', () => {
  test('serve deploys all stacks of an app, and names them in skipped resources and printed commands', async () => {
    const app = assemblyOf(APP);
    const data = mkdtempSync(join(tmpdir(), 'share-vault-served-'));
    const token = join(data, 'token');
    writeFileSync(token, 'hunter2\n');
    const served = await serveWith([
      ...['--app', app, '--parameter', 'Url=u', '--parameter', `Two:Token=@${token}`, '--verbose'],
    ]);

    expect(served.printed()).toMatch(/^ +My::Own::Type +One\/Mine\n +My::Own::Type +Two\/Mine$/m);
    expect(served.printed()).toContain(`explain administrator kms:Decrypt One/Key`);
    expect(served.printed()).toContain(`${basename(app)} --parameter 'Url=…' --parameter 'Two:Token=…' --data `);
    expect(served.output()).not.toContain('hunter2');
    expect(await stop(served)).toBe(0);
  });

  test.each([
    [
      'a value',
      [],
      /expected a value of each parameter without a default, got none of Two:Url, Two:Token: give it by --parameter NAME=VALUE$/m,
    ],
    ['a folder', ['--app', '/nowhere'], /^\/nowhere: expected a folder with manifest.json/m],
    ['a chosen stack', ['--stack', 'Three'], /expected a stack of the app \(One, Two\), got Three$/m],
  ])('serve refuses an app without %s in one line', async (_what, args, message) => {
    const served = run(['serve', '--app', assemblyOf(APP), ...args]);

    expect(await served.ended).toBe(1);
    expect(served.output()).toMatch(message);
  });

  test.each([
    ['with its stack', 'Two/Key', 0, /^ALLOWED/],
    ['without its stack if it is unique', 'Only', 0, /^ALLOWED/],
    ['without its stack if it is not', 'Key', 2, /^expected one resource, got One\/Key, Two\/Key: name its stack$/m],
  ])('explain accepts a logical id %s', async (_how, id, code, expected) => {
    const explained = run(['explain', 'administrator', 'kms:DescribeKey', id, '--app', assemblyOf(APP)]);

    expect(await explained.ended).toBe(code);
    expect(explained.output()).toMatch(expected);
  });
});
