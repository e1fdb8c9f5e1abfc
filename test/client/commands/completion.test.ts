import { describe, expect, test } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { run } from './support/account';

/** Returns the words that bash offers after these ones. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await run(['completion', 'bash']);
  const line = ['share-vault', ...words].map((word) => `'${word}'`).join(' ');
  const script = `${stdout}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length}; _share_vault; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split('\n');
}

describe('the completion of bash', () => {
  test('offers the commands that begin like the word', async () => {
    expect(await offered('re')).toEqual(['revoke', 'records', 'recover', 'reseal']);
    expect(await offered('help', 'webhook-s')).toEqual(['webhook-secret']);
  });

  test('offers the options of the command', async () => {
    expect(await offered('revoke', '--r')).toEqual(['--reason', '--region']);
    expect(await offered('seal', '--wallet', 'w', '--delegated-s')).toEqual(['--delegated-share']);
  });

  test('offers files for an option that names one', async () => {
    expect(await offered('log', '--file', '/etc/host')).toContain('/etc/hosts');
  });
});

describe('share-vault completion', () => {
  test.each([
    ['bash', ['bash', '-n']],
    ['zsh', ['zsh', '-n']],
    ['fish', ['fish', '--no-execute']],
  ])('prints a script that %s reads, with every command', async (shell, [program = '', ...args]) => {
    const { code, stdout } = await run(['completion', shell]);

    const { error, status } = spawnSync(program, args, { input: stdout });
    expect(code).toBe(0);
    for (const name of ['seal', 'unseal', 'export', 'doctor', 'serve']) expect(stdout).toContain(name);
    // the shell may not be installed
    expect(error === undefined ? status : 0).toBe(0);
  });

  test.each([[[]], [['tcsh']], [['bash', 'zsh']]])('ends with 2 for %j', async (args) => {
    const { code, stdout, stderr } = await run(['completion', ...args]);

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe('share-vault completion: expected one of bash, zsh, fish, got something else\n');
  });
});
