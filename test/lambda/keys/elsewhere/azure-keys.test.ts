import { afterAll, beforeAll } from '@jest/globals';
import { AzureServer } from '../../../local/emulator/elsewhere/azure/support';
import { describeKeyProvider } from '../contract';
import { startAzureKeys } from './azure-support';

const server = new AzureServer();
beforeAll(async () => {
  await server.start();
});
afterAll(() => server.close());

describeKeyProvider('azure-key-vault', () => startAzureKeys(server, 'azure-key-vault'));
describeKeyProvider('azure-managed-hsm', () => startAzureKeys(server, 'azure-managed-hsm'));
