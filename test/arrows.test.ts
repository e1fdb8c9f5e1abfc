import { beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

type Cases = readonly (readonly [file: string, code: string])[];

/** Returns the reports of the project's own ESLint configuration on each text, as if it were in that file. */
function lint(cases: Cases): string[][] {
  const script = join(__dirname, 'support', 'lint-arrows.mjs');
  return JSON.parse(
    execFileSync(process.execPath, [script], { input: JSON.stringify(cases), encoding: 'utf8' }),
  ) as string[][];
}

const asked: (readonly [file: string, code: string])[] = [];
let reports: string[][];
// ESLint takes seconds to start: once for all texts
beforeAll(() => {
  reports = lint(asked);
});

/** Has some texts linted before the tests; these read the reports. */
function reportsOf(cases: Cases): () => string[][] {
  const from = asked.push(...cases) - cases.length;
  return () => reports.slice(from, from + cases.length);
}

const imports = (pairs: readonly (readonly [string, string])[]) =>
  pairs.map(([file, specifier]) => [file, `import '${specifier}';\n`] as const);

const IMPORTS = '@typescript-eslint/no-restricted-imports';

describe('import arrows', () => {
  const forbidden = [
    ['lambda/message/write.ts', 'node:fs'],
    ['lambda/message/write.ts', '../contract/responses'],
    ['lambda/contract/responses.ts', '../invocation/log'],
    ['lambda/contract/responses.ts', 'node:fs'],
    ['lambda/message/write.ts', '@aws-crypto/client-node'],
    ['lambda/keys/aws-kms.ts', '../store/postgres'],
    ['lambda/keys/aws-kms.ts', 'pg'],
    ['lambda/transport/inbound.ts', 'jose'],
    ['lambda/transport/inbound.ts', '../store/store'],
    ['lambda/transport/inbound.ts', '../message'],
    ['lambda/transport/inbound.ts', '../message/keys'],
    ['lambda/webhook/event.ts', '../transport/inbound'],
    ['lambda/webhook/event.ts', '../store/store'],
    ['lambda/webhook/signature.ts', '../keys/aws-kms'],
    ['lambda/webhook/signature.ts', '../invocation/handler'],
    ['lambda/requests/requests.ts', '../store/store'],
    ['lambda/requests/json.ts', 'node:fs'],
    ['lambda/invocation/handler.ts', '../requests/json'],
    ['lambda/webhook/secret-versions.ts', '@aws-sdk/client-kms'],
    ['lambda/keys/secret-rsa.ts', '../webhook/secret-versions'],
    ['lambda/store/postgres.ts', '../transport/inbound'],
    ['lambda/store/postgres.ts', '@aws-sdk/client-kms'],
    ['lambda/seal.ts', 'aws-cdk-lib'],
    ['lambda/seal.ts', '../lib/index'],
    ['lambda/seal.ts', '../local/emulator/services/kms/kms'],
    ['lib/share-vault.ts', '../lambda/seal'],
    ['lib/share-vault.ts', '../lambda/invocation/log'],
    ['lib/share-vault.ts', 'esbuild'],
    ['lib/private/actions.ts', '../../lambda/store/store'],
    ['client/client.ts', '../lambda/requests/json'],
    ['client/client.ts', '../lambda/store/store'],
    ['client/client.ts', 'aws-cdk-lib'],
    ['client/commands/local-commands.ts', '../../local/cli/serve'],
    ['client/commands/local-commands.ts', '@cdk-share-vault/local'],
    ['client/commands/data/seal.ts', '../../../lambda/store/store'],
    ['client/commands/data/seal.ts', '../local-commands'],
    ['client/commands/data/seal.ts', 'commander'],
    ['client/commands/rotation/retire.ts', '../../../lambda/keys/aws-kms'],
    ['client/commands/rotation/retire.ts', '../doctor/clients'],
    ['client/commands/freezes/freeze.ts', 'commander'],
    ['client/commands/freezes/thaw.ts', '../run'],
    ['client/commands/recover/index.ts', '../../../lambda/keys/aws-kms'],
    ['client/commands/recover/tombstones.ts', '../rotation/tombstones'],
    ['client/commands/recover/index.ts', '../../../lambda/store/bodies/create'],
    ['client/commands/recover/index.ts', '@aws-sdk/client-kms'],
    ['client/commands/data/unseal.ts', '../../../lambda/message'],
    ['client/client.ts', 'commander'],
    ['local/vault.ts', '../lib/index'],
    ['local/vault.ts', 'aws-cdk-lib'],
    ['local/vault/index.ts', '../../lambda/store/store'],
    ['local/vault/index.ts', '../cli/profiles'],
    ['local/vault/running/start-local-vault.ts', '../../audit/index'],
    ['local/cli/serve.ts', '../../tools/build/bundle'],
    ['local/audit/index.ts', '../../test/local/audit/packs'],
    ['local/emulator/services/kms/kms.ts', '../../../../bin/app'],
    ['local/emulator/services/kms/kms.ts', '../../../../lambda/contract/bytes'],
    ['local/emulator/deploy/deploy.ts', '../../../client/index'],
    ['local/emulator/deploy/deploy.ts', '../../vault/index'],
    ['lib/share-vault.ts', '../bin/environments'],
    ['lib/private/actions.ts', '../../tools/synth'],
    ['lib/private/actions.ts', '../../examples/wallet-backend/backend'],
    ['client/client.ts', '../examples/wallet-backend/backend'],
    ['local/cli/serve.ts', '../../examples/wallet-backend/backend'],
    ['local/emulator/services/kms/kms.ts', '../../../../examples/wallet-backend/backend'],
    ['bin/app.ts', '../examples/wallet-backend/backend'],
    ['examples/wallet-backend/app.ts', '../../lib/index'],
    ['examples/wallet-backend/app.ts', '../../test/support/run'],
    ['lib/private/actions.ts', '../../local/audit/index'],
    ['local/audit/matrix/matrix.ts', '../../../tools/matrix-stacks'],
    ['local/audit/matrix/matrix.ts', '../../../test/local/audit/matrix/allowed'],
    ['local/audit/matrix/matrix.ts', '../../../lib/share-vault'],
    ['client/client.ts', '../bench/median'],
    ['bin/app.ts', '../test/support/synth'],
    ['tools/matrix.ts', '../test/local/audit/matrix/vault-app'],
    ['tools/lifecycle/main.ts', '../../test/support/run'],
    ['bench/message.ts', '../test/lambda/message/encoding'],
  ] as const;
  const allowed = [
    ['lambda/message/write.ts', 'node:crypto'],
    ['lambda/message/write.ts', './format'],
    ['lambda/keys/aws-kms.ts', '@aws-sdk/client-kms'],
    ['lambda/keys/aws-kms.ts', '../message'],
    ['lambda/transport/gcm.ts', '../message/gcm'],
    ['lambda/keys/secret-rsa.ts', '@aws-sdk/client-secrets-manager'],
    ['lambda/webhook/secret-versions.ts', '@aws-sdk/client-secrets-manager'],
    ['lambda/webhook/event.ts', '../requests/json'],
    ['lambda/webhook/event.ts', '../requests/requests'],
    ['lambda/contract/responses.ts', 'valibot'],
    ['lambda/message/format.ts', '../contract/limits'],
    ['lambda/receive.ts', './webhook/event'],
    ['lambda/store/postgres.ts', 'pg'],
    ['lambda/seal.ts', './transport/inbound'],
    ['lib/share-vault.ts', '../lambda/contract/variables'],
    ['lib/vault-alarms.ts', '../lambda/contract/metrics'],
    ['lib/share-vault.ts', 'aws-cdk-lib/aws-kms'],
    ['lib/private/database-identity.ts', 'node:crypto'],
    ['client/client.ts', '../lambda/contract/responses'],
    ['client/verify.ts', '../lambda/contract/chain'],
    ['client/commands/recover/index.ts', '../../../lambda/message'],
    ['client/commands/recover/index.ts', '../../../lambda/keys/record-context'],
    ['client/commands/recover/tombstones.ts', '../rotation/tombstone-list'],
    ['local/vault.ts', '../lambda/contract/requests'],
    ['local/vault/index.ts', '../emulator/deploy'],
    ['local/emulator/deploy/deploy.ts', '../template'],
    ['local/emulator/services/http-api/server.ts', '../functions/endpoint'],
    ['lib/private/actions.ts', '../actor'],
    ['local/audit/matrix/control-policies.ts', '../../../docs/scp.json'],
    ['bin/app.ts', '../lib/index'],
    ['tools/build/dev-template.ts', '../../bin/vault-stack'],
    ['tools/matrix.ts', '../local/audit/matrix/table'],
    ['bench/message.ts', '../tools/esdk'],
    ['test/local/audit/checks.test.ts', '../../../tools/synth'],
  ] as const;

  const dynamic = [
    ['lambda/message/write.ts', `export const fs = import('node:fs');\n`],
    ['local/vault/index.ts', `export const lib = import('../../lib/index');\n`],
    ['bench/synth.ts', `export const run = import('../test/support/run');\n`],
  ] as const;
  const dynamicAllowed = [['bench/synth.ts', `export const app = import('../bin/vault-stack');\n`]] as const;
  const ofForbidden = reportsOf(imports(forbidden));
  const ofAllowed = reportsOf(imports(allowed));
  const ofDynamic = reportsOf(dynamic);
  const ofDynamicAllowed = reportsOf(dynamicAllowed);

  test('that are forbidden are errors', () => {
    expect(pair(forbidden, ofForbidden())).toEqual(pair(forbidden, forbidden.map(() => [IMPORTS]))); // prettier-ignore
  });

  test('that are allowed are no errors', () => {
    expect(pair(allowed, ofAllowed())).toEqual(pair(allowed, allowed.map(() => []))); // prettier-ignore
  });

  test('also hold for dynamic imports', () => {
    expect(ofDynamic()).toEqual(dynamic.map(() => ['no-restricted-syntax']));
    expect(ofDynamicAllowed()).toEqual([[]]);
  });
});

describe('clients of the SDK', () => {
  const bare = [
    ['lambda/store/secret-password.ts', 'export const client = new SecretsManagerClient();\n'],
    ['lambda/keys/kms-client.ts', 'export const client = new KMSClient({ maxAttempts: 3 });\n'],
    ['lambda/seal.ts', 'export const client = new KMSClient({ requestHandler: { requestTimeout: 5 } });\n'],
    ['lambda/receive.ts', 'export const client = new KMSClient({ requestHandler: new NodeHttpHandler() });\n'],
    ['client/commands/parameters.ts', 'export const client = new SSMClient({});\n'],
    ['client/commands/log/index.ts', 'export const client = new LambdaClient({ maxAttempts: 1 });\n'],
    ['client/commands/doctor/clients.ts', 'export const client = new KMSClient(config);\n'],
    ['client/client.ts', 'export const client = new LambdaClient({});\n'],
    ['client/client.ts', 'export const client = new LambdaClient({ maxAttempts: 3 });\n'],
    ['tools/first-deploy/steps.ts', 'export const client = new LambdaClient({ maxAttempts: 1 });\n'],
  ] as const;
  const limited = [
    ['lambda/store/secret-password.ts', 'export const c = new AnyClient({ requestHandler: new AttemptHandler() });\n'],
    ['lambda/keys/kms-client.ts', 'export const c = new KMSClient({ requestHandler: new BlankPlaintextHandler() });\n'],
    ['lambda/store/connection.ts', 'export const client = new Client({ host });\n'],
    ['client/commands/parameters.ts', 'export const client = new SSMClient(clientConfig(region));\n'],
    ['client/commands/log/index.ts', 'export const client = new LambdaClient(clientConfig(region, limits));\n'],
    ['client/commands/log/index.ts', 'export const vault = new ShareVaultClient({ environment });\n'],
    ['client/commands/doctor/clients.ts', 'export const client = new KMSClient(clientConfig(region, limits));\n'],
    ['client/client.ts', 'export const client = new LambdaClient({ region, maxAttempts: 1 });\n'],
    ['tools/first-deploy/steps.ts', 'export const client = new LambdaClient(clientConfig(region, limits));\n'],
    ['tools/first-deploy/steps.ts', 'export const vault = new ShareVaultClient({ environment });\n'],
  ] as const;

  const ofBare = reportsOf(bare);
  const ofLimited = reportsOf(limited);

  test('whose attempts have no limit are errors', () => {
    expect(ofBare()).toEqual(bare.map(() => ['no-restricted-syntax']));
  });

  test('whose attempts have a limit are no errors', () => {
    expect(ofLimited()).toEqual(limited.map(() => []));
  });
});

/** Each case beside its reports, so that a failure names the case. */
function pair(cases: readonly (readonly string[])[], reports: readonly (readonly string[])[]): unknown {
  return cases.map((names, i) => `${names.join(' -> ')}: ${(reports[i] ?? []).join()}`);
}
