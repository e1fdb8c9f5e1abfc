import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { PAGES, blocksIn, blocksOf, codeSpansOf } from './blocks';
import { commandsOf, unknownIn } from './commands';
import { SHELL } from './reviewed';

// the block of Python is run by test/tools/packages
const LANGUAGES = ['hcl', 'json', 'python', 'sh', 'sql', 'text', 'ts'];
const BLOCKS = blocksIn('sh');

async function unknown(text: string): Promise<readonly string[]> {
  return (await Promise.all(commandsOf(text).map(unknownIn))).flat();
}

describe('the blocks of commands', () => {
  test.each(PAGES)('of %s are those that reviewed.ts says how to test', (page) => {
    const names = BLOCKS.filter((block) => block.page === page).map(({ name }) => name);

    expect(names).toEqual(SHELL[page].map(([name]) => name));
  });

  test.each(PAGES)('of %s have a language that is known here', (page) => {
    const others = blocksOf(page).filter(({ language }) => !LANGUAGES.includes(language));

    expect(others.map(({ line, language, name }) => `${line}: ${language}: ${name}`)).toEqual([]);
  });

  test.each(BLOCKS.map(({ page, name, text }) => [page, name, text]))('of %s are bash: %s', (_page, _name, text) => {
    const { status, stderr } = spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' });

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test.each(BLOCKS.map(({ page, name, text }) => [page, name, text]))(
    'of %s name commands, options, scripts and stacks that exist: %s',
    async (_page, _name, text) => {
      expect(await unknown(text)).toEqual([]);
    },
  );
});

test.each(PAGES)('the sentences of %s name commands, options and scripts that exist', async (page) => {
  const commands = codeSpansOf(page).filter((code) => /^(npx|npm|share-vault|share-vault-local) /.test(code));

  expect(await Promise.all(commands.map(unknown)).then((found) => found.flat())).toEqual([]);
});

describe('a block of commands', () => {
  test.each([
    ['a program that is not installed', 'npx --no-install share-vaults doctor', 'npx --no-install share-vaults'],
    ['a program that npx may fetch', 'npx share-vault doctor', 'npx share-vault'],
    ['an unknown command', 'npx --no-install share-vault docter', 'share-vault docter'],
    ['an unknown option', 'share-vault unseal --wallets ID', 'share-vault unseal --wallets'],
    ['an unknown option of the local vault', 'share-vault serve --tunnel', 'share-vault serve --tunnel'],
    ['a client command of the local vault', 'share-vault-local unseal', 'share-vault-local unseal'],
    ['an unknown script', 'A=b npm run served -- --data x', 'npm run served'],
    ['an unknown stack', 'npm ci && cdk deploy ShareVault-test', 'ShareVault-test'],
    ['an unknown file', '(tsx tools/nothing.ts)', 'tools/nothing.ts'],
  ])('with %s is refused', async (_what, text, found) => {
    expect(await unknown(text)).toEqual([found]);
  });

  test('that continues on the next line is one command', () => {
    const text = "A=1 share-vault seal \\\n  --wallet 'a b' # of a user\nexport B=2\n";

    expect(commandsOf(text)).toEqual([
      ['share-vault', 'seal', '--wallet', "'a b'"],
      ['export', 'B=2'],
    ]);
  });
});
