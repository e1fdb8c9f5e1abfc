import { describe, expect, test } from '@jest/globals';
import { commandFile } from '../../support/commands';
import { startProgram } from './support/process';

/** Runs a command's help through a shell, with this redirection of its standard output. */
function help(name: 'share-vault' | 'share-vault-local', redirection: string) {
  // the reader has gone before the command writes
  const script = `{ sleep 0.3; "$0" "$1" --help; echo "exit code $?" >&2; } ${redirection}`;
  return startProgram(['sh', '-c', script, process.execPath, commandFile(name)], '', {}).ended;
}

describe('the help of a command whose output is lost', () => {
  test.each(['share-vault', 'share-vault-local'] as const)(
    '%s ends with 8 and one line on a full disk',
    async (name) => {
      const { stderr } = await help(name, '> /dev/full');

      expect(stderr).toMatch(
        new RegExp(`^${name}: expected all of the output to be written, got ENOSPC[^\\n]*\\nexit code 8\\n$`),
      );
    },
  );

  test('share-vault-local prints no stack if its reader has gone', async () => {
    const { stderr } = await help('share-vault-local', '| true');

    expect(stderr).toBe('exit code 0\n');
  });
});
