import { describe, expect, test } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { runIn } from '../../../support/pack';

interface Event {
  readonly event: string;
  readonly qualifier?: string;
  readonly outcome?: string;
  readonly code?: string;
  readonly profiles?: readonly string[];
}

const UNSEAL = `import { ShareVaultClient } from '@cdk-share-vault/client';
const client = await ShareVaultClient.fromEnvironment();
const unsealing = client.unseal({ kind: 'delegated-share', walletId: 'unknown', chain: 'EVM', reason: 'test' });
await unsealing.catch(({ code }) => process.stdout.write(code));`;

/** Tests `serve` of the local vault's package as another program uses it. */
export function testLocalServe(projectOf: () => string): void {
  describe('serves other programs', () => {
    test('by events, a file of facts and a file of variables, and leaves neither behind', async () => {
      const project = projectOf();
      const temporary = mkdtempSync(join(tmpdir(), 'served-'));
      // PostgreSQL's own user passes through it
      chmodSync(temporary, 0o711);
      const files = { ready: join(project, 'ready.json'), env: join(project, 'local.env') };
      writeFileSync(join(project, 'unseal.mjs'), UNSEAL);
      const args = ['--json', '--ready-file', files.ready, '--env-file', files.env, '--actor', 'backend'];
      const program = 'node_modules/@cdk-share-vault/local/bin/share-vault-local.cjs';
      // `--` as in the first line of the program
      const child = spawn(process.execPath, ['--', program, 'serve', ...args], {
        ...{ cwd: project, env: { HOME: project, TMPDIR: temporary }, stdio: ['ignore', 'pipe', 'ignore'] },
      });
      const { events, shows } = eventsOf(child);
      await shows(({ event }) => event === 'ready');

      expect([files.ready, files.env].map((file) => (statSync(file).mode & 0o777).toString(8))).toEqual(['600', '600']);
      const { event: _, ...ready } = events.find(({ event }) => event === 'ready') ?? { event: '' };
      expect(JSON.parse(readFileSync(files.ready, 'utf8'))).toEqual(ready);
      const secrets =
        readFileSync(files.env, 'utf8').match(/(?<=^AWS_(?:SECRET_ACCESS_KEY|SESSION_TOKEN)=).*$/gm) ?? [];
      expect(secrets).toHaveLength(2);
      expect(secrets.filter((secret) => JSON.stringify(events).includes(secret))).toEqual([]);
      expect(runIn(project, [`--env-file=${files.env}`, 'unseal.mjs'])).toBe('NotFound');
      await shows(({ qualifier }) => qualifier === 'backend');
      const call = events.find(({ qualifier }) => qualifier === 'backend');
      expect(call).toMatchObject({ event: 'call', outcome: 'error', code: 'NotFound' });

      child.kill('SIGTERM');
      expect(await once(child, 'exit')).toEqual([0, null]);
      expect(events.map(({ event }) => event).slice(-2)).toEqual(['stopping', 'stopped']);
      expect([files.ready, files.env].filter((file) => existsSync(file))).toEqual([]);
      expect(readdirSync(temporary).filter((name) => name !== 'node-compile-cache')).toEqual([]);
    });
  });
}

/** Collects the events that a process prints. */
function eventsOf(child: ChildProcess): {
  readonly events: readonly Event[];
  readonly shows: (matches: (event: Event) => boolean) => Promise<void>;
} {
  const events: Event[] = [];
  const { stdout } = child;
  if (stdout === null) throw new Error('expected an output, got none');
  createInterface({ input: stdout }).on('line', (line) => events.push(JSON.parse(line) as Event));
  const shows = async (matches: (event: Event) => boolean): Promise<void> => {
    while (!events.some(matches)) {
      if (child.exitCode !== null) throw new Error(`expected an event, got the end of the program: ${child.exitCode}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { events, shows };
}
