import type { PropertiesNotModifiedResponse, PropertiesResponse } from './contract/responses';
import { readEnv } from './invocation/settings';
import { actorHandler } from './invocation/handler';
import { DB_SETTINGS, createStore } from './invocation/record-store';
import { readPropertiesRequest } from './requests/requests';

function createParts() {
  const settings = readEnv(['environment', 'actors', ...DB_SETTINGS]);
  return { ...settings, store: createStore(settings) };
}

/**
 * Reads a version of a wallet's properties, by default the newest, without the text if the caller has it. They are not
 * secret: the actor needs no kind, and nothing is opened.
 */
export const handler = actorHandler(
  'properties',
  createParts,
  async (event, call, { store }): Promise<PropertiesResponse | PropertiesNotModifiedResponse> => {
    const { walletId, chain, version, ifNoneMatch } = readPropertiesRequest(event);
    const unless = ifNoneMatch === undefined ? undefined : Buffer.from(ifNoneMatch, 'hex');
    const stored = await store.properties({ walletId, chain }, version, call.deadline, unless);
    const facts = {
      version: stored.version,
      sha256: Buffer.from(stored.sha256).toString('hex'),
      createdAt: stored.createdAt.toISOString(),
    };
    return stored.properties === undefined
      ? { notModified: true, ...facts }
      : { ...facts, walletProperties: stored.properties };
  },
);
