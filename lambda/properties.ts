import type { PropertiesAnswer } from './contract/api';
import { readEnv } from './contract/env';
import { actorHandler } from './invocation/handler';
import { DB_SETTINGS, openStore } from './invocation/parts';
import { readPropertiesRequest } from './requests/requests';

function open() {
  const settings = readEnv(['environment', 'actors', ...DB_SETTINGS]);
  return { ...settings, store: openStore(settings) };
}

/** Reads a version of a wallet's properties, by default the newest. They are not secret: no kind is asked, nothing is opened. */
export const handler = actorHandler('properties', open, async (event, call, { store }): Promise<PropertiesAnswer> => {
  const { walletId, chain, version: wanted } = readPropertiesRequest(event);
  const { version, properties, sha256, createdAt } = await store.properties({ walletId, chain }, wanted, call.deadline);
  return {
    version,
    walletProperties: properties,
    sha256: Buffer.from(sha256).toString('hex'),
    createdAt: createdAt.toISOString(),
  };
});
