import { afterAll, beforeAll } from '@jest/globals';
import { AzureServer } from '../../../local/emulator/elsewhere/azure/support';
import { describeOtherKey } from '../other-key-contract';
import { startAzureKeys } from './azure-support';

const server = new AzureServer();
beforeAll(async () => {
  await server.start();
});
afterAll(() => server.close());

describeOtherKey('azure-key-vault', () => startAzureKeys(server, 'azure-key-vault'));
describeOtherKey('azure-managed-hsm', () => startAzureKeys(server, 'azure-managed-hsm'));
