import { afterEach, describe, expect, test } from '@jest/globals';
import { createPublicKey, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { createdBody, deliveryHeaders, sealMaterials } from '../../../client/delivery';
import { type Deployed, deployTemplate } from '../../../local/emulator/deploy';
import type { VaultOptions } from '../../../local/vault';
import { vaultOptions } from '../../../local/vault/options';
import { openWebhook } from '../../../local/vault/webhook';
import { type TestWallet, makeWallet } from '../../e2e/harness';
import { rsaKeyPair } from '../../support/rsa-keys';
import { logFolder } from '../../support/run';
import { freshData, keepKeys } from '../../support/vault-template';
import { IMPORTED_KEY, assembly } from './apps/apps';

let deployed: Deployed | undefined;
afterEach(async () => {
  await deployed?.close();
  deployed = undefined;
});

/** Deploys to a data folder with a migrated database. Later deploys of the same file get its keys. */
async function deploy(keysOf: string, options: Partial<VaultOptions>): Promise<Deployed> {
  const dataDir = await freshData(keysOf);
  deployed = await deployTemplate(vaultOptions({ logDir: logFolder(), dataDir, ...options }));
  keepKeys(keysOf, dataDir);
  return deployed;
}

/** Delivers a wallet as Dynamic does. Returns the status of the response. */
async function deliver(vault: Deployed, wallet: TestWallet, publicKey?: string): Promise<number> {
  const webhook = await openWebhook(vault, 'dev');
  const [key] = webhook?.keys ?? [];
  const pem = publicKey ?? key?.publicKey ?? '';
  const sealed = sealMaterials(wallet.materials, { publicKey: createPublicKey(pem), kid: key?.kid });
  const body = createdBody(wallet, sealed, { eventId: randomUUID() });
  const headers = deliveryHeaders(body, webhook?.signing.value ?? '');
  const { status } = await fetch(webhook?.url ?? '', { method: 'POST', headers, body: new Uint8Array(body) });
  return status;
}

/** Invokes the consumer's function, which unseals. Returns its result, or its error. */
async function consume(vault: Deployed, { walletId, chain }: TestWallet): Promise<unknown> {
  const { url: endpoint, region, administrator: credentials } = vault;
  const lambda = new LambdaClient({ endpoint, region, credentials, maxAttempts: 1 });
  const Payload = JSON.stringify({ walletId, chain });
  const response = await lambda.send(new InvokeCommand({ FunctionName: 'consumer', Payload }));
  return JSON.parse(Buffer.from(response.Payload ?? []).toString());
}

describe('an app of several stacks', () => {
  const app = assembly('several-stacks');
  const pem = (type: 'spki' | 'pkcs8') => {
    const { publicKey, privateKey } = rsaKeyPair(2_048);
    return (type === 'spki' ? publicKey : privateKey).export({ format: 'pem', type }).toString();
  };

  test('an app of several stacks seals a delivery to an imported private key, and its consumer finds the vault by lookup and unseals', async () => {
    const values = { parameters: { RpcUrl: 'https://rpc.example' }, secrets: { [IMPORTED_KEY]: pem('pkcs8') } };
    const vault = await deploy(app, { app, ...values });
    const wallet = makeWallet();

    expect(await deliver(vault, wallet, pem('spki'))).toBe(200);
    expect(await consume(vault, wallet)).toBe(wallet.materials.delegatedShare.toString());
    expect(vault.variables('consumer').RPC_URL).toBe('https://rpc.example');
    expect(vault.missingSecrets).toEqual([]);
  });

  test('an app of several stacks starts without the secret of an imported private key, and names it with the functions that use it', async () => {
    const vault = await deploy(app, { app, parameters: { 'Consumers:RpcUrl': 'x' } });

    expect(vault.missingSecrets).toEqual([
      { named: IMPORTED_KEY, functions: [expect.stringMatching(/^Wallets\/VaultWebhook\w*Function/)] },
    ]);
    expect(await deliver(vault, makeWallet(), pem('spki'))).toBe(500);
  });

  test('an app of several stacks is refused without a value for a parameter, by its stack and the option for it, before anything starts', async () => {
    const dataDir = await freshData(app);

    await expect(deployTemplate(vaultOptions({ app, dataDir }))).rejects.toMatchObject({
      name: 'TemplateError',
      message: `${app}: expected a value of each parameter without a default, got none of Consumers:RpcUrl: give it by --parameter NAME=VALUE`,
    });
  });

  test('an app of several stacks lends a template of one stack the stacks that it needs, and leaves out the others', async () => {
    const template = join(app, 'Wallets.template.json');
    const vault = await deploy(template, { template, secrets: { [IMPORTED_KEY]: pem('pkcs8') } });
    const names = vault.template.functions().map(({ name }) => name);

    expect(await deliver(vault, makeWallet(), pem('spki'))).toBe(200);
    expect(names).toContain('share-vault-dev-unseal');
    expect(names).not.toContain('consumer');
    expect(vault.skipped).toContainEqual({ type: 'AWS::EC2::VPC', logicalId: expect.stringMatching(/^Shared\/Vpc/) });
  });
});

describe('an app of the legacy synthesizer with a vault in a nested stack', () => {
  const app = assembly('nested-legacy');

  test.each([
    ['as an app', { app }],
    ['as the template of the parent', { template: join(app, 'Parent.template.json') }],
  ])(
    'an app of the legacy synthesizer with a vault in a nested stack seals a delivery, which the consumer of the parent stack unseals, %s',
    async (_how, source) => {
      const vault = await deploy(Object.values(source)[0] ?? '', source);
      const wallet = makeWallet();

      expect(await deliver(vault, wallet)).toBe(200);
      expect(await consume(vault, wallet)).toBe(wallet.materials.delegatedShare.toString());
      expect(vault.skipped.map(({ type }) => type)).not.toContain('AWS::CloudFormation::Stack');
    },
  );
});
