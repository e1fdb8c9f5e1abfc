import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { isCustomResource, lifecycleTable, resourcesOf } from '../../local/audit/lifecycle';
import facts from '../../local/audit/lifecycle/replacement-properties.json';
import { writeCases } from './case-stacks';
import { withGenerated } from './page';
import { replacementProperties } from './replacement-properties';
import { stepsIn } from './steps';
import { useTemporaryFolder } from '../temporary';

const ROOT = join(__dirname, '..', '..');
const FACTS = join(ROOT, 'local', 'audit', 'lifecycle', 'replacement-properties.json');
const TABLE = join(ROOT, 'test', 'local', 'audit', 'lifecycle', 'reviewed', 'changes.json');
const PAGE = join(ROOT, 'docs', 'changing.md');

/** Writes the facts of the CloudFormation specification and of today's constructs. Review `git diff` afterwards. */
async function update(): Promise<void> {
  const folder = useTemporaryFolder();
  writeCases(folder);
  const steps = stepsIn(folder);
  const used = steps.flatMap(({ before, after }) =>
    ('template' in after ? [before, after.template] : [before]).flatMap((each) =>
      [...resourcesOf(each).values()].map(({ type }) => type),
    ),
  );
  const types = new Set([...Object.keys(facts), ...used.filter((type) => !isCustomResource(type))]);
  const table = lifecycleTable(steps);
  await writeJson(FACTS, replacementProperties([...types]));
  await writeJson(TABLE, table);
  writeFileSync(PAGE, withGenerated(readFileSync(PAGE, 'utf8'), table));
}

async function writeJson(file: string, value: unknown): Promise<void> {
  const style = JSON.parse(readFileSync(join(ROOT, '.prettierrc.json'), 'utf8')) as object;
  writeFileSync(file, await format(JSON.stringify(value), { ...style, parser: 'json' }));
}

void update();
