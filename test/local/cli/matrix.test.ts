import { afterEach, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { ownTemplateFile } from '../audit/matrix/vault-app';
import { killAll, run } from './run';
import { devTemplate, shipDevTemplate } from './template';

afterEach(killAll);

const SIGNER = /^Signer +- .*ALLOW/m;

function matrix(args: readonly string[], options?: Parameters<typeof run>[1]) {
  return run(['matrix', ...args], options);
}

describe('matrix', () => {
  test("matrix prints who may do what in one's own template", async () => {
    const { printed, ended } = matrix(['--template', ownTemplateFile(), '--environment', 'blue']);

    expect(await ended).toBe(0);
    expect(printed()).toMatch(/^blue: \d+ requests by \d+ principals/);
    expect(printed()).toMatch(SIGNER);
    expect(printed()).not.toMatch(/^green: /m);
  });

  test('matrix evaluates the template of the environment dev if none is given', async () => {
    shipDevTemplate();

    const { printed, ended } = matrix([]);

    expect(await ended).toBe(0);
    expect(printed()).toMatch(/^dev: /);
  });

  test('matrix prints each vault of a template with --all, and what is denied', async () => {
    const { printed, ended } = matrix(['--template', ownTemplateFile(), '--all', '--csv']);

    expect(await ended).toBe(0);
    const rows = printed().split('\r\n');
    expect(rows[0]).toBe('environment,principal,arn,request,action,resource,result,why');
    expect(rows.filter((row) => row.startsWith('blue,Signer,') && row.includes(',allowed,'))).toHaveLength(1);
    expect(rows.filter((row) => row.startsWith('green,Signer,') && row.includes(',allowed,'))).toHaveLength(0);
    expect(rows.filter((row) => row.startsWith('green,Signer,') && row.includes(',denied,')).length).toBeGreaterThan(
      100,
    );
  });

  test('matrix prints one JSON document with --json', async () => {
    const { printed, ended } = matrix(['--template', devTemplate(), '--json']);

    expect(await ended).toBe(0);
    expect(JSON.parse(printed())).toMatchObject({
      template: 'ShareVault-dev.template.json',
      vaults: [
        { environment: 'dev', decisions: expect.arrayContaining([expect.objectContaining({ result: 'allowed' })]) },
      ],
    });
    expect(printed()).not.toContain('"denied"');
  });

  test('matrix exits 1 with the command that installs the package that evaluates policies, if it is missing', async () => {
    const imports = [join(__dirname, 'without-simulator.mjs')];

    const { output, printed, ended } = matrix(['--template', devTemplate()], { imports });

    expect(await ended).toBe(1);
    expect(output()).toContain('npm install --save-dev @cloud-copilot/iam-simulate');
    expect(printed()).toBe('');
  });

  test.each([
    ['several vaults without a choice', [], 'expected --environment with one of blue, green, or --all, got neither'],
    ['an unknown environment', ['--environment', 'gren'], 'got gren: did you mean green'],
    ['two formats', ['--csv', '--json'], 'expected --csv or --json, got both'],
    ['an argument', ['blue'], 'expected only options, got something else'],
  ])('matrix exits 2 with a message: %s', async (_case, args, message) => {
    const { output, printed, ended } = matrix(['--template', ownTemplateFile(), ...args]);

    expect(await ended).toBe(2);
    expect(output()).toContain(message);
    expect(printed()).toBe('');
  });

  test('matrix exits 2 with a message if the template does not exist', async () => {
    const { output, ended } = matrix(['--template', 'none.template.json']);

    expect(await ended).toBe(2);
    expect(output()).toContain('none.template.json');
  });
});
