import type { PropertiesResponse } from './contract/responses';
import { readEnv } from './invocation/settings';
import { actorHandler } from './invocation/handler';
import { DB_SETTINGS, createStore } from './invocation/parts';
import { readPropertiesRequest } from './requests/requests';

function createParts() {
  const settings = readEnv(['environment', 'actors', ...DB_SETTINGS]);
  return { ...settings, store: createStore(settings) };
}

/** Reads a version of a wallet's properties, by default the newest. They are not secret: the actor needs no kind, and nothing is opened. */
export const handler = actorHandler(
  'properties',
  createParts,
  async (event, call, { store }): Promise<PropertiesResponse> => {
    const { walletId, chain, version: wanted } = readPropertiesRequest(event);
    const { version, properties, sha256, createdAt } = await store.properties(
      { walletId, chain },
      wanted,
      call.deadline,
    );
    return {
      version,
      walletProperties: properties,
      sha256: Buffer.from(sha256).toString('hex'),
      createdAt: createdAt.toISOString(),
    };
  },
);
