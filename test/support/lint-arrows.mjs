// Reads [[file, code], …] as JSON from standard input and prints, for each pair, the import rules that the project's ESLint
// configuration reports. It is a process of its own, because jest can't load a configuration that is an ES module.
import { ESLint } from 'eslint';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const cwd = join(import.meta.dirname, '..', '..');
const eslint = new ESLint({
  cwd,
  // these rules read only the text
  overrideConfig: [{ files: ['**/*.ts'], languageOptions: { parserOptions: { projectService: false } } }],
  ruleFilter: ({ ruleId }) => ['@typescript-eslint/no-restricted-imports', 'no-restricted-syntax'].includes(ruleId),
});
const reports = [];
for (const [file, code] of JSON.parse(await text(process.stdin))) {
  const [result] = await eslint.lintText(code, { filePath: join(cwd, file) });
  reports.push(result.messages.map(({ ruleId, message }) => ruleId ?? message));
}
process.stdout.write(JSON.stringify(reports));
