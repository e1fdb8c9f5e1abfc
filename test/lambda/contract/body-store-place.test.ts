import { describe, expect, test } from '@jest/globals';
import { type BodyStoreDescription, bodyStorePlace } from '../../../lambda/contract/elsewhere';
import { DESCRIPTIONS } from '../store/bodies/elsewhere';

describe('the name of a body store', () => {
  const change = (description: BodyStoreDescription, changes: object) => bodyStorePlace({ ...description, ...changes });

  test('is that of another login and another limit too', () => {
    for (const description of Object.values(DESCRIPTIONS)) {
      expect(change(description, { maxRecords: 7, client: 'another', audience: 'another' })).toBe(
        bodyStorePlace(description),
      );
    }
  });

  test.each([
    ['google-secret-manager', { project: 'another-project' }],
    ['azure-key-vault', { vault: 'https://another.vault.azure.net' }],
    ['vault-kv', { address: 'https://another.example' }],
    ['vault-kv', { namespace: 'another' }],
    ['vault-kv', { mount: 'another' }],
  ] as const)('of %s differs with %j', (type, changes) => {
    expect(change(DESCRIPTIONS[type], changes)).not.toBe(bodyStorePlace(DESCRIPTIONS[type]));
  });
});
