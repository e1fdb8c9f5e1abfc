import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AwsServer, LocalParameters, startAwsServer } from '../../../../local/emulator/services';
import { useEndpoint } from '../../../support/use-endpoint';
import { ENVIRONMENT } from '../../support/fake-functions';
import { useFakeVault, vault } from '../../support/use-fake-vault';

/** Options of a command that calls the fake vault, and the variables that stand in for them. */
export const AS_SIGNER = ['--environment', ENVIRONMENT, '--actor', 'signer'] as const;
/** The default of the client. */
export const ATTEMPTS_OF_A_CALL = 4;
export const KEY_ARN = 'arn:aws:kms:eu-central-1:111122223333:key/intake';

/** A folder of the running test. */
export let folder: string;

/** Starts a fake vault that the command line finds: its functions, its published intake key, and that key in KMS. */
export function useDataVault(): void {
  useFakeVault();
  let server: AwsServer;
  beforeAll(async () => {
    const parameters = new LocalParameters({ region: 'eu-central-1' });
    parameters.publish(`/share-vault/${ENVIRONMENT}/keys/intake/${vault.functions.kid}`, KEY_ARN);
    const PublicKey = vault.functions.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    const kms = {
      targetPrefix: 'TrentService',
      internalError: 'KMSInternalException',
      handle: () => ({ KeyId: KEY_ARN, PublicKey }),
    };
    server = await startAwsServer({ services: [parameters, kms] });
    useEndpoint({ url: server.url });
    Object.assign(process.env, { AWS_ENDPOINT_URL_LAMBDA: vault.endpoint, AWS_MAX_ATTEMPTS: '1' });
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'data-'));
  });
  afterAll(() => server.close());
}

/** Writes a file of the running test's folder; returns its path. */
export function file(name: string, contents: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, contents);
  return path;
}

/** The names in the running test's folder, also hidden ones. */
export function files(): readonly string[] {
  return readdirSync(folder).sort();
}
