import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { isCustomResource, resourcesOf } from '../../local/audit/lifecycle';
import facts from '../../local/audit/lifecycle/replacement-properties.json';
import { steps } from '../../test/local/audit/lifecycle/case-templates';
import { withGenerated } from './page';
import { lifecycleTable } from '../../local/audit/lifecycle/table';
import { beginRun, endRun } from '../../test/support/run';
import { replacementProperties } from './replacement-properties';

const ROOT = join(__dirname, '..', '..');
const FACTS = join(ROOT, 'local', 'audit', 'lifecycle', 'replacement-properties.json');
const TABLE = join(ROOT, 'test', 'local', 'audit', 'lifecycle', 'reviewed', 'changes.json');
const PAGE = join(ROOT, 'docs', 'changing.md');

/** Writes what the CloudFormation specification and today's constructs say; `git diff` is then to be reviewed. */
async function update(): Promise<void> {
  const used = steps().flatMap(({ before, after }) =>
    ('template' in after ? [before, after.template] : [before]).flatMap((each) =>
      [...resourcesOf(each).values()].map(({ type }) => type),
    ),
  );
  const types = new Set([...Object.keys(facts), ...used.filter((type) => !isCustomResource(type))]);
  const table = lifecycleTable();
  await writeJson(FACTS, replacementProperties([...types]));
  await writeJson(TABLE, table);
  writeFileSync(PAGE, withGenerated(readFileSync(PAGE, 'utf8'), table));
}

async function writeJson(file: string, value: unknown): Promise<void> {
  const style = JSON.parse(readFileSync(join(ROOT, '.prettierrc.json'), 'utf8')) as object;
  writeFileSync(file, await format(JSON.stringify(value), { ...style, parser: 'json' }));
}

beginRun();
process.once('exit', endRun);
void update();
