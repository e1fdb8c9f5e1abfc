import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { copyFileSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LocalVault } from '../../local/vault';
import { startVault } from '../../local/vault';
import { shippedBundles } from '../../local/vault/shipped';
import { environmentFile } from '../support/environment-template';
import { logFolder } from '../support/run';
import { freshData } from '../support/vault-template';
import { PAGES, type Page, blocksIn } from '../tools/documents/blocks';
import { SHELL, type Treatment } from '../tools/documents/reviewed';
import { Terminal, makeProject } from './terminal';

/** The blocks of a page that are run, in their order. */
function runBlocks(page: Page, where: 'prod' | 'checkout') {
  const texts = blocksIn('sh').filter((block) => block.page === page);
  return SHELL[page].flatMap(([name, treatment], at) => {
    const isHere =
      typeof treatment !== 'string' && ('run' in treatment ? treatment.run === where : where === 'checkout');
    return isHere ? [[name, texts[at]?.text ?? '', treatment] as const] : [];
  });
}

async function runBlock(terminal: Terminal, text: string, treatment: Exclude<Treatment, string>): Promise<void> {
  if ('serves' in treatment) return terminal.start(text, treatment.serves);
  const { code, output } = await terminal.run(text, treatment.input);
  expect(`${output}exit code ${code}`).toMatch(/exit code 0$/);
  expect(output).toContain(treatment.prints ?? '');
}

describe('with the installed packages and a vault prod,', () => {
  let vault: LocalVault;
  let terminal: Terminal;
  beforeAll(async () => {
    // without the assets beside it: they are placeholders of the handlers
    const template = join(mkdtempSync(join(tmpdir(), 'prod-')), 'ShareVault-prod.template.json');
    copyFileSync(environmentFile('prod'), template);
    const dataDir = await freshData(template);
    vault = await startVault({ template, bundles: shippedBundles(), logDir: logFolder(), dataDir });
    const { accessKeyId, secretAccessKey, sessionToken } = vault.credentials;
    terminal = new Terminal(makeProject(), {
      AWS_ENDPOINT_URL: vault.url,
      AWS_REGION: vault.region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    });
  });
  afterAll(() => vault.close());

  // a vault gets deliveries before it is checked
  describe.each(['docs/dynamic.md', ...PAGES.filter((page) => page !== 'docs/dynamic.md')] as const)('%s', (page) => {
    const blocks = runBlocks(page, 'prod');
    if (blocks.length === 0) return;

    test.each(blocks)('its commands succeed as they stand: %s', async (_name, text, treatment) => {
      await runBlock(terminal, text, treatment);
    });
  });

  test('the public keys of the pages are written to files', () => {
    for (const name of ['webhook-key.pem', 'intake-key.pem']) {
      expect(readFileSync(join(terminal.folder, name), 'utf8')).toContain('BEGIN PUBLIC KEY');
    }
  });
});

describe('in a checkout,', () => {
  const terminal = new Terminal(makeProject());
  afterAll(() => terminal.stop());

  test.each(runBlocks('docs/local-vault.md', 'checkout'))(
    'the commands of docs/local-vault.md succeed as they stand: %s',
    async (_name, text, treatment) => {
      await runBlock(terminal, text, treatment);
    },
  );
});
