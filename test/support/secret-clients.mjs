/**
 * Reads a stored body with a vendor's own client, as a program would that knows nothing of this project. Reads
 * `{ client, … }` as JSON from stdin; writes `{ body, … }` with the body in base64.
 */
import { Buffer } from 'node:buffer';
import { json } from 'node:stream/consumers';
import { SecretClient } from '@azure/keyvault-secrets';
import { SecretManagerServiceClient } from '@google-cloud/secret-manager';
import { OAuth2Client } from 'google-auth-library';

const read = {
  google: async ({ port, token, name }) => {
    const authClient = new OAuth2Client();
    authClient.setCredentials({ access_token: token });
    const place = { fallback: true, protocol: 'http', apiEndpoint: '127.0.0.1', port, projectId: 'unused' };
    const client = new SecretManagerServiceClient({ ...place, authClient });
    const [{ payload }] = await client.accessSecretVersion({ name });
    await client.close();
    return { body: Buffer.from(payload.data).toString('base64'), crc32c: Number(payload.dataCrc32c) };
  },
  azure: async ({ vault, token, name, version }) => {
    const credential = { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) };
    const { value, properties } = await new SecretClient(vault, credential).getSecret(name, { version });
    return { body: value, contentType: properties.contentType };
  },
};

const { client, ...input } = await json(process.stdin);
process.stdout.write(JSON.stringify(await read[client](input)));
