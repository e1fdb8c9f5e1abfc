import { afterEach, describe, expect, test } from '@jest/globals';
import { cpSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Report } from '../../../local/audit/report';
import { environmentFile, environmentTemplate } from '../../support/environment-template';
import { set } from '../../support/mutate';
import { killAll, run } from './run';

afterEach(killAll);

/** Runs the sources: the report reads templates only, so the bundle makes no difference to it. */
const audit = (args: readonly string[]) => run(['audit', ...args], { from: 'sources' });
const temporary = (): string => mkdtempSync(join(tmpdir(), 'audit-'));

describe('audit', () => {
  test('audit writes a page and JSON of a template, prints a summary, and exits 0 if every control holds', async () => {
    const folder = temporary();
    const [page, json] = [join(folder, 'report'), join(folder, 'new', 'audit.json')];
    const { printed, ended } = audit(['--template', environmentFile('dev'), '--html', page, '--json', json, '--time', '2030-01-31T12:00:00Z']); // prettier-ignore

    expect(await ended).toBe(0);
    expect(printed()).toMatch(/^dev: \d+ controls hold, 0 to review, 0 fail, \d+ do not apply\n/);
    expect(readFileSync(join(page, 'index.html'), 'utf8')).toMatch(/^<!doctype html>/);
    const report = JSON.parse(readFileSync(json, 'utf8')) as Report;
    expect([report.verdict, report.madeFrom.time]).toEqual(['holds', '2030-01-31T12:00:00Z']);
    expect(report.madeFrom.packages).toEqual([{ name: '@cloud-copilot/iam-simulate', version: expect.any(String) }]);
  });

  test('audit exits 1 for a template with a defect, names it, and reports the change against a former report', async () => {
    const folder = temporary();
    // with the assets that the template names
    cpSync(dirname(environmentFile('dev')), folder, { recursive: true });
    const [file, former] = [join(folder, 'ShareVault-dev.template.json'), join(folder, 'former.json')];
    expect(await audit(['--template', file, '--json', former]).ended).toBe(0);
    const defect = set('VaultKeysShareKey', ['Properties', 'EnableKeyRotation'], false);
    writeFileSync(file, JSON.stringify(defect(environmentTemplate('dev'))));
    const { printed, ended } = audit(['--template', file, '--against', former]);

    expect(await ended).toBe(1);
    expect(printed()).toContain('fails key-rotation');
    expect(printed()).toContain('0 permissions gained, 0 lost, 1 controls with another verdict');
  });

  test.each([
    ['no source', [], 'expected --app DIR or --template FILE, got neither'],
    ['a folder that is no app', ['--app', tmpdir()], 'expected a folder with manifest.json'],
    [
      'an unknown environment',
      ['--template', environmentFile('dev'), '--environment', 'def'],
      'got def: did you mean dev',
    ],
    ['a former report that is none', ['--template', environmentFile('dev'), '--against', environmentFile('dev')], 'expected a report of this release after --against'], // prettier-ignore
    ['a policy that is no file', ['--template', environmentFile('dev'), '--scp', 'none.json'], 'expected a JSON file after --scp'], // prettier-ignore
    [
      'a time that is none',
      ['--template', environmentFile('dev'), '--time', 'noon'],
      'after --time, got something else',
    ],
    ['an argument', ['dev'], 'expected only options, got something else'],
  ])('audit exits 2 with a message and writes nothing: %s', async (_case, args, message) => {
    const json = join(temporary(), 'audit.json');
    const { output, ended } = audit([...args, '--json', json]);

    expect(await ended).toBe(2);
    expect(output()).toContain(message);
    expect(existsSync(json)).toBe(false);
  });
});
