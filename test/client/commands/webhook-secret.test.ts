import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { Account, run, runAtTerminal } from './support/account';

const ACCOUNT = new Account();
const ARGS = ['webhook-secret', '--environment', 'prod'];
let arn: string;
let secret: string;

beforeAll(async () => {
  await ACCOUNT.start();
  arn = await ACCOUNT.createSigningSecret();
});
afterAll(() => ACCOUNT.stop());
beforeEach(() => {
  secret = `dyn_whsec_${randomBytes(16).toString('hex')}`;
});
afterEach(() => ACCOUNT.secrets.faults.clear());

describe('webhook-secret', () => {
  test('stores the first secret', async () => {
    const { code, stdout, stderr } = await run(ARGS, `${secret}\n`);

    expect(code).toBe(0);
    expect(await ACCOUNT.readSecret(arn)).toBe(secret);
    expect(stdout).toBe('');
    expect(stderr).toContain(`kept in ${arn}\n`);
    expect(stderr).toContain('with the one before it, if any, for 26 hours');
    expect(stderr).not.toContain(secret);
  });

  test('stores another one, and keeps the former as the previous', async () => {
    const former = `dyn_whsec_${randomBytes(16).toString('hex')}`;
    await run(ARGS, former);

    await run(ARGS, secret);

    expect(await ACCOUNT.readSecret(arn)).toBe(secret);
    expect(await ACCOUNT.readSecret(arn, 'AWSPREVIOUS')).toBe(former);
  });

  test.each([
    ['a line feed', (text: string) => `${text}\n`],
    ['a line feed of Windows', (text: string) => `${text}\r\n`],
    ['blanks around it', (text: string) => ` \t${text}  \n\n`],
  ])('drops %s', async (_what, dress) => {
    await run(ARGS, dress(secret));

    expect(await ACCOUNT.readSecret(arn)).toBe(secret);
  });

  test.each([
    ['nothing', '', 'got nothing'],
    ['blanks', ' \n\n', 'got nothing'],
    ['two lines', 'dyn_whsec_0123456789\ndyn_whsec_0123456789', 'without blanks, got others'],
    ['a blank inside', 'dyn_whsec_ 0123456789', 'without blanks, got others'],
    ['a control character', 'dyn_whsec_\u00000123456789', 'without blanks, got others'],
    ['letters that look alike', 'dyn_whsеc_0123456789', 'without blanks, got others'],
    ['15 characters', 'x'.repeat(15), 'of 16 to 256 characters, got 15'],
    ['257 characters', 'x'.repeat(257), 'of 16 to 256 characters, got 257'],
    ['a file by mistake', 'x'.repeat(5_000), 'got far more'],
  ])('refuses %s and leaves the stored secret unchanged', async (_what, input, message) => {
    await ACCOUNT.putSecret(arn, secret);

    const { code, stderr } = await run(ARGS, input);

    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('0123456789');
    expect(await ACCOUNT.readSecret(arn)).toBe(secret);
  });

  test.each([
    ['an argument', (text: string) => [text]],
    ['an option', (text: string) => [`--secret=${text}`]],
    ['the value of another option', (text: string) => [`--help=${text}`]],
  ])('refuses a secret that is %s, and does not repeat it', async (_what, args) => {
    await ACCOUNT.putSecret(arn, 'the one that is kept');

    const { code, stdout, stderr } = await run([...ARGS, ...args(secret)], 'dyn_whsec_0123456789');

    expect(code).toBe(2);
    expect(stdout + stderr).not.toContain(secret);
    expect(await ACCOUNT.readSecret(arn)).toBe('the one that is kept');
  });

  test("refuses a parameter that names another account's secret, and writes nothing there", async () => {
    const elsewhere = arn.replace(/:\d{12}:/, ':999999999999:');
    ACCOUNT.parameters.publish('/share-vault/moved/webhook/secret', elsewhere);

    const { code, stderr } = await run(['webhook-secret', '--environment', 'moved'], secret);

    expect(code).toBe(1);
    expect(stderr).toContain(`expected an ARN of its own account and region, got ${elsewhere}`);
    expect(stderr).not.toContain(secret);
  });

  test('fails if the environment has no webhook', async () => {
    const { code, stderr } = await run(['webhook-secret', '--environment', 'dev'], secret);

    expect(code).toBe(3);
    expect(stderr).toContain('expected parameter /share-vault/dev/webhook/secret, got none: is that environment');
  });

  test('fails if Secrets Manager fails, and prints nothing of the secret', async () => {
    ACCOUNT.secrets.faults.set({ operation: 'PutSecretValue', error: '500' });

    const { code, stderr } = await run(ARGS, secret);

    expect(code).toBe(1);
    expect(stderr).toContain(`expected to write secret ${arn} (secretsmanager:PutSecretValue), got InternalService`);
    expect(stderr).not.toContain(secret);
  });
});

describe('webhook-secret at a terminal', () => {
  test('asks for the secret and shows nothing of it', async () => {
    const { code, stdout, stderr, raw } = await runAtTerminal(ARGS, `wrong\u007f\u007f\u007f\u007f\u007f${secret}\r`);

    expect(code).toBe(0);
    expect(await ACCOUNT.readSecret(arn)).toBe(secret);
    expect(stderr).toMatch(/^Signing secret of prod's webhook: \nkept in /);
    expect(stdout + stderr).not.toContain(secret.slice(0, 4));
    expect(raw).toEqual([true, false]);
  });

  test.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('ends at %s, with the terminal as it was', async (_what, key) => {
    await ACCOUNT.putSecret(arn, secret);

    const { code, stderr, raw } = await runAtTerminal(ARGS, key);

    expect(code).toBe(1);
    expect(stderr).toContain('expected a secret, got an end');
    expect(raw).toEqual([true, false]);
    expect(await ACCOUNT.readSecret(arn)).toBe(secret);
  });
});
