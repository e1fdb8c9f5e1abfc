import { afterAll, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { functionTemplate } from './own-template';
import { folder, killAll, run } from './run';

afterAll(() => killAll());

/** Begins a colour, and turns the direction of the line. */
const HOSTILE = '\u001b[31m\u202e\u009b31m';
const HIDDEN = /(?!\n)[\p{Cc}\p{Cf}]/u;

test.each([
  ['serve --verbose prints no control character of a name in the template', '--verbose', /hostile�/],
  ['serve --json prints no control character of a name in the template', '--json', /hostile\\u001b/],
])('%s', async (_title, option, shown) => {
  const template = join(folder(), 'Mine.template.json');
  const named = { Type: `Custom::hostile${HOSTILE}`, Properties: {} };
  const text = functionTemplate('exports.handler = async () => 1;', { [`Other${HOSTILE}`]: named });
  writeFileSync(template, text.replace('"FunctionName":"mine"', JSON.stringify({ FunctionName: `hostile${HOSTILE}` }).slice(1, -1))); // prettier-ignore
  const served = run(['serve', '--template', template, option]);

  await served.shows(option === '--json' ? '"event":"ready"' : 'Ctrl-C stops it');

  served.child.kill('SIGINT');
  expect(await served.ended).toBe(0);
  expect(served.printed()).toMatch(shown);
  expect(served.printed()).not.toMatch(HIDDEN);
});
