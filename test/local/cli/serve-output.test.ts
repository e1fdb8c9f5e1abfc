import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { functionTemplate } from './own-template';
import { type Run, folder, killAll, run } from './run';
import { devTemplate } from './template';

afterAll(() => killAll());

const SECRET = 'a-secret-of-the-caller';
/** The list of functions has the name `migrate` too. */
const MIGRATION = /^\d\d:\d\d:\d\d migrate +\S+ +ok +[\d.]+ m?s$/m;

describe('serve of a vault', () => {
  let served: Run;
  let files: { readonly ready: string; readonly env: string };
  beforeAll(async () => {
    const made = folder();
    files = { ready: join(made, 'ready.json'), env: join(made, 'local.env') };
    // those of a vault that was killed
    writeFileSync(files.ready, '{"program":"share-vault-local","process":99999999,"format":1}');
    writeFileSync(files.env, '# share-vault-local, process 99999999\nOLD=1\n');
    served = run(['serve', '--template', devTemplate(), '--ready-file', files.ready, '--dotenv', files.env]);
    await served.shows(MIGRATION);
  });

  test('prints a line to paste, the webhook, the functions and the folder of keys, and no credentials', () => {
    const printed = served.printed();
    const [paste, webhook, functions, clear] = [
      /^export AWS_CONFIG_FILE=\S+ AWS_SHARED_CREDENTIALS_FILE=\S+ AWS_PROFILE=\S+/m,
      /^ {2}URL {5}http:\/\/127\.0\.0\.1:\d+\/webhooks\/dynamic\n {2}secret {2}dyn_whsec_local_\w+$/m,
      /^ {2}share-vault-dev-unseal {2,}backend$/m,
      /^For development only: keys lie in clear in a folder that is removed at the end:\n {2}\S+$/m,
    ].map((part) => printed.search(part));

    expect([paste, webhook, functions, clear].every((at, index, all) => at !== undefined && at > (all[index - 1] ?? 0))).toBe(true); // prettier-ignore
    expect(printed).not.toMatch(/AWS_SECRET_ACCESS_KEY {2}|AWS::CloudWatch::Alarm/);
  });

  test('prints no line over 80 characters but the one to paste', () => {
    const lines = served.printed().split('\n');

    // the folder of a test's temporary files has a long path
    const others = lines.filter((line) => !line.startsWith('export ') && !/^ {2}\/\S+$/.test(line));
    expect(others.filter((line) => line.length > 80)).toEqual([]);
  });

  test('prints a line to paste that a shell accepts', () => {
    const [line = ''] = /^export .*$/m.exec(served.printed()) ?? [];

    const profiles = execFileSync('sh', ['-c', `${line}; cat "$AWS_CONFIG_FILE"`], { encoding: 'utf8' });

    expect(profiles).toContain('endpoint_url = http://127.0.0.1:');
  });

  test('shows the call of the migration below the description', () => {
    expect(served.printed().split('Ctrl-C stops it')[1]).toMatch(MIGRATION);
  });

  test('replaces the files that a killed vault left, and removes its own', async () => {
    expect(readFileSync(files.env, 'utf8')).toMatch(/^AWS_ENDPOINT_URL=http:\/\/127\.0\.0\.1:\d+$/m);
    expect(JSON.parse(readFileSync(files.ready, 'utf8'))).toMatchObject({ process: served.child.pid, format: 1 });

    served.child.kill('SIGINT');

    expect(await served.ended).toBe(0);
    expect(Object.values(files).filter((file) => existsSync(file))).toEqual([]);
  });
});

describe('serve --json of a template without a vault', () => {
  const HANDLER = `exports.handler = async ({ what, secret }) => {
    if (what === 'throw') throw new RangeError(secret);
    return what === 'respond' ? { statusCode: 418, body: secret } : { secret };
  };`;

  test('prints each call and decision as an event, without anything of its payload', async () => {
    const template = join(folder(), 'Mine.template.json');
    writeFileSync(template, functionTemplate(HANDLER));
    const served = run(['serve', '--template', template, '--json', '--trace']);
    await served.shows('"event":"ready"');
    const events = (): readonly Record<string, unknown>[] =>
      served.printed().trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>); // prettier-ignore
    const { files } = events().find(({ event }) => event === 'ready') as { files: { profiles: string } };
    const invoke = (profile: string, what: string): Promise<unknown> =>
      new LambdaClient(configOf(files.profiles, profile))
        .send(new InvokeCommand({ FunctionName: 'mine', Payload: JSON.stringify({ what, secret: SECRET }) }))
        .catch((error: unknown) => error);

    for (const what of ['return', 'throw', 'respond']) await invoke('administrator', what);
    await invoke('mine', 'return');
    await served.shows('"outcome":"refused"');

    const calls = events().filter(({ event }) => event === 'call');
    expect(calls.map(({ outcome, code, status }) => [outcome, code, status])).toEqual([
      ['ok', undefined, undefined],
      ['error', 'RangeError', undefined],
      ['error', undefined, 418],
      ['refused', 'AccessDeniedException', undefined],
    ]);
    expect(calls[0]).toEqual({
      ...{ event: 'call', function: 'mine', outcome: 'ok' },
      ...{ at: expect.stringMatching(/^\d{4}-\S+Z$/), milliseconds: expect.any(Number) },
    });
    const decisions = events().filter(({ event }) => event === 'decision');
    expect(new Set(decisions.map(({ allowed }) => allowed))).toEqual(new Set([true, false]));
    served.child.kill('SIGINT');
    expect(await served.ended).toBe(0);
    expect(served.output()).not.toContain(SECRET);
    expect(events().map(({ event }) => event).slice(-2)).toEqual(['stopping', 'stopped']); // prettier-ignore
  });
});

/** Returns a client's configuration from a profile of a file. */
function configOf(file: string, profile: string) {
  const [, section = ''] = readFileSync(file, 'utf8').split(`[profile local-vault-${profile}]\n`);
  const member = (name: string) => new RegExp(`^${name} = (.+)$`, 'm').exec(section)?.[1] ?? '';
  return {
    endpoint: member('endpoint_url'),
    region: member('region'),
    maxAttempts: 1,
    credentials: {
      accessKeyId: member('aws_access_key_id'),
      secretAccessKey: member('aws_secret_access_key'),
      sessionToken: member('aws_session_token'),
    },
  };
}
