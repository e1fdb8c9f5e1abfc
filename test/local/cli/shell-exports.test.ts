import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { invokeExample } from '../../../local/cli/aws-examples';
import { ADMINISTRATOR_PROFILE } from '../../../local/vault/profile-names';
import { type Profiles, writeProfiles } from '../../../local/vault/profiles';
import { shellExports } from '../../../local/cli/shell-exports';
import { type Deployed, deployTemplate } from '../../../local/emulator/deploy';
import { hostileShell } from '../../support/hostile-shell';
import { logFolder } from '../../support/run';
import { shellTemplate } from '../../support/shell-template';

const ROOT = join(__dirname, '..', '..', '..');
const run = promisify(execFile);

let folder: string;
let deployed: Deployed;
let profiles: Profiles;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "shell's exports-"));
  deployed = await deployTemplate({ template: shellTemplate(folder), logDir: logFolder() });
  profiles = writeProfiles(folder, deployed);
});
afterAll(async () => {
  profiles.remove();
  await deployed.close();
  rmSync(folder, { recursive: true });
});

/** Runs a command in a shell after the pasted line, with a home and variables that contradict it. */
async function afterPaste(command: string, profile = ADMINISTRATOR_PROFILE): Promise<string> {
  const home = join(folder, 'home');
  mkdirSync(join(home, '.aws'), { recursive: true });
  const clashing = [profile, 'default'].map(
    (name) => `[${name}]\naws_access_key_id=AKIACLASH\naws_secret_access_key=s\n`,
  );
  writeFileSync(join(home, '.aws', 'credentials'), clashing.join(''));
  writeFileSync(join(home, '.aws', 'config'), `[profile ${profile}]\nuse_fips_endpoint = true\nregion = eu-south-9\n`);
  const { stdout } = await run('sh', ['-c', `${shellExports(profiles.file, profile)}\n${command}`], {
    cwd: ROOT,
    env: { ...hostileShell(home), PATH: process.env.PATH },
  });
  return stdout;
}

/** A program that prints the caller, as an SDK of JavaScript sees it. */
const CALLER = `"${process.execPath}" -e '
const { STSClient, GetCallerIdentityCommand } = require("@aws-sdk/client-sts");
new STSClient({ maxAttempts: 1 }).send(new GetCallerIdentityCommand({})).then(({ Arn }) => console.log(Arn));'`;

describe('the line to paste into a shell', () => {
  test('makes an SDK call the local vault, in a shell with credentials, endpoints, FIPS and a proxy of its own', async () => {
    const printed = await afterPaste(CALLER);

    expect(printed.trim()).toBe('arn:aws:sts::111122223333:assumed-role/Administrator/session');
  });

  test('chooses the profile of a role', async () => {
    const printed = await afterPaste(CALLER, 'local-vault-caller');

    expect(printed.trim()).toBe('arn:aws:sts::111122223333:assumed-role/caller/session');
  });

  test('sends no request of Node for this machine to a proxy', async () => {
    const printed = await afterPaste(
      `NODE_USE_ENV_PROXY=1 "${process.execPath}" -e 'fetch("${deployed.url}").then(({ status }) => console.log(status))'`,
    );

    expect(printed.trim()).toBe('404');
  });
});

/** Commands that docs/local-vault.md names, for both versions of the command line. */
const FIRST_COMMANDS = [
  'aws sts get-caller-identity',
  "aws lambda list-functions --query 'Functions[].FunctionName'",
  "aws kms list-aliases --query 'Aliases[].AliasName'",
] as const;

const available = hasCommand('aws') ? test : test.skip;

describe('commands of the aws command line, after the line was pasted', () => {
  available.each(FIRST_COMMANDS)('%s works as it stands', async (command) => {
    await expect(afterPaste(command)).resolves.not.toBe('');
  });

  available('invoke a function with a payload as it stands', async () => {
    const printed = await afterPaste(invokeExample('outside', undefined, `{"it's":1}`));

    expect(printed).toContain(`{"it's":1}`);
  });
});

function hasCommand(name: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${name}`]);
    return true;
  } catch {
    return false;
  }
}
