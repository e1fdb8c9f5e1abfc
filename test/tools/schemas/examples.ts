/** A valid value for each schema of docs/schemas; a list has one for each variant. */

const wallet = { walletId: 'wallet-1', chain: 'EVM' };
const P256 = {
  kty: 'EC',
  crv: 'P-256',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
};
const X25519 = { kty: 'OKP', crv: 'X25519', x: '3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08' };
const req = 'AAECAwQFBgcICQoLDA0ODw';
const recordId = '0f0e0d0c-0b0a-4908-8706-050403020100';
const hash = '6694fe5c85b8134793e0b2a97d621332e0f1ae133f1f344472d8c8c26a652787';
const at = '2026-11-21T08:30:00.120Z';

const sealShares = {
  kind: 'delegated-share',
  userId: 'user-1',
  ...wallet,
  publicKey: '0xd74FF800',
  shareSetId: 'set-1',
  supersedes: recordId,
  materials: { delegatedShare: 'a.b.c.d.e', walletApiKey: 'a.b.c.d.e' },
  walletProperties: '{}',
  expectedVersion: 0,
  force: false,
};
const sealKeyShares = { kind: 'server-key-shares', ...wallet, materials: { serverKeyShares: 'a.b.c.d.e' } };
const unsealItem = { kind: 'delegated-share', ...wallet, userId: 'user-1' };
const unsealer = { recipient: P256, req, reason: 'sign transaction 7' };
const sealed = { recordId, keyId: 'arn', createdAt: at, supersededRecordId: recordId };
const unsealed = {
  recordId,
  kind: 'delegated-share',
  materials: { delegatedShare: 'a..c.d.e', walletApiKey: 'a..c.d.e' },
  publicKey: '0xd74FF800',
  accessCount: 1,
  propertiesChanged: false,
};
const failure = { code: 'NotFound', message: 'expected a record, got none' };
const properties = { version: 1, sha256: hash, createdAt: at };
const head = { length: 2, head: hash };
const row = {
  ...{ sequence: 1, at, action: 'seal', outcome: 'sealed', actor: 'signer', requestId: 'r', recordId, reason: 'x' },
  ...{ previousHash: '0'.repeat(64), hash },
};
const envelope = { alg: 'HYBRID-RSA-AES-256', iv: 'a', ct: 'b', tag: 'c', ek: 'd', kid: 'e' };
const eventIds = { eventId: 'event-1', messageId: 'message-1', timestamp: '2026-11-21T08:30:00Z' };

export const EXAMPLES: Readonly<Record<string, readonly object[]>> = {
  'seal-request': [sealShares, sealKeyShares],
  'seal-batch-request': [{ items: [sealShares, sealKeyShares] }],
  'replace-properties-request': [
    { action: 'replace-properties', ...wallet, walletProperties: '{}', expectedVersion: 1, force: true },
  ],
  'unseal-request': [{ ...unsealItem, ...unsealer }, { ...unsealItem, ...unsealer, recipient: X25519 }], // prettier-ignore
  'unseal-batch-request': [{ items: [unsealItem], ...unsealer }],
  'revoke-request': [{ ...wallet, kinds: ['delegated-share', 'server-key-shares'], reason: 'user left' }],
  'properties-request': [{ ...wallet, version: 1, ifNoneMatch: hash }],
  'audit-request': [
    { action: 'records', ...wallet },
    { action: 'log', ...wallet, after: 0, limit: 500, from: at, until: at },
    { action: 'head', ...wallet },
    { action: 'verify', ...wallet, after: 1, hash, until: { sequence: 2, hash } },
    { action: 'wallets', after: wallet, limit: 1, from: at, until: at },
    { action: 'census' },
    { action: 'reseals' },
    { action: 'tombstones', after: wallet, since: at },
    { action: 'reseal-failures', run: 'run-1', after: recordId },
    { action: 'reseal-receipt', run: 'run-1' },
  ],
  'seal-response': [sealed],
  'seal-batch-response': [{ items: [sealed, failure] }],
  'replace-properties-response': [properties],
  'unseal-response': [unsealed, { ...unsealed, kind: 'server-key-shares', materials: { serverKeyShares: 'a..c.d.e' } }],
  'unseal-batch-response': [{ items: [failure, unsealed] }],
  'revoke-replay-request': [
    {
      action: 'replay-tombstones',
      environment: 'prod',
      tombstones: [{ ...wallet, revokedUntilNs: '1', serverKeySharesRevokedAt: at }],
      reason: 'r',
    },
    { action: 'replay-bucket', environment: 'prod', reason: 'r' },
    { action: 'replay-bucket', environment: 'prod', since: at, after: 'tombstones/x.json', reason: 'r' },
    { action: 'finish-replay', environment: 'prod', until: at },
    { action: 'finish-replay', environment: 'prod', since: at, until: at },
  ],
  'revoke-replay-response': [{ applied: 1, known: 2, destroyed: 3 }],
  'revoke-replay-bucket-response': [
    { applied: 1, known: 0, destroyed: 1, refused: [{ key: 'k', problem: 'p' }], listedAt: at },
    { applied: 1, known: 2, destroyed: 3, listedAt: at },
    { applied: 1, known: 2, destroyed: 3, listedAt: at, next: 'tombstones/x.json' },
  ],
  'tombstone-object': [
    {
      ...{ format: 1, environment: 'prod', ...wallet, revokedUntilNs: '1', serverKeySharesRevokedAt: at },
      notedAt: '2026-01-31T12:00:00.123456Z',
    },
  ],
  'revoke-finish-replay-response': [{ freezes: 1 }, { freezes: 0, missing: { since: at, until: at } }],
  'revoke-response': [{ revoked: 1, unreadableAfter: at, kinds: ['delegated-share'], known: true }],
  'properties-response': [{ ...properties, walletProperties: '{}' }],
  'properties-not-modified-response': [{ notModified: true, ...properties }],
  'audit-records-response': [
    {
      records: [
        {
          ...{ recordId, kind: 'delegated-share', userId: 'user-1', publicKey: 'p', shareSetId: 's', keyId: 'arn' },
          ...{ algorithm: 'a', createdAt: at, lastAccessedAt: at, accessCount: 0, supersededAt: at },
        },
      ],
      revokedAt: at,
      serverKeySharesRevokedAt: at,
    },
  ],
  'audit-census-response': [
    {
      groups: [{ kind: 'delegated-share', keyId: 'arn', keyMaterialId: hash, records: 2, superseded: 1, oldest: at }],
      keys: [
        { keyId: 'arn', wasShareKey: true, sealedUntil: at, freeSince: at },
        { keyId: 'next', wasShareKey: false },
      ],
    },
  ],
  'audit-tombstones-response': [
    { tombstones: [{ ...wallet, revokedUntilNs: '1', serverKeySharesRevokedAt: at }], listedAt: at, next: wallet },
  ],
  'audit-reseals-response': [
    {
      reseals: [
        {
          ...{ run: 'run-1', keyId: 'arn', keyMaterialId: hash, startedAt: at, lastStepAt: at, endedAt: at },
          ...{ resealed: 2, changed: 1, failed: 1, receiptAt: at, recordKeyIds: ['arn'] },
          sample: { opened: 2, mismatched: 0, failed: 0, uncompared: 1 },
        },
      ],
    },
  ],
  'audit-reseal-failures-response': [
    {
      failures: [{ recordId, kind: 'delegated-share', ...wallet, code: 'MessageCorrupt', at }],
      next: recordId,
    },
  ],
  'audit-reseal-receipt-response': [
    { run: 'run-1', writtenAt: at, endedAt: at, receipt: '{}', sha256: hash, keptAt: at },
  ],
  'audit-log-response': [{ entries: [row], next: 1 }],
  'audit-head-response': [head],
  'audit-verify-response': [
    {
      ...{ intact: false, ...head, brokenAt: 1, problem: 'p', problems: [{ sequence: 1, problem: 'p' }] },
      ...{ problemCount: 1, complete: true, verifiedTo: { sequence: 2, hash } },
    },
  ],
  'audit-wallets-response': [
    {
      wallets: [
        {
          ...{ ...wallet, createdAt: at, kinds: ['delegated-share'], revokedAt: at, serverKeySharesRevokedAt: at },
          ...{ propertiesVersion: 1, ...head },
        },
      ],
      next: wallet,
    },
  ],
  'freeze-request': [
    ...[
      { scope: 'all' },
      { scope: 'callers' },
      { scope: 'actor', name: 'signer' },
      { scope: 'kind', name: 'delegated-share' },
    ].map((freeze) => ({ action: 'freeze', freeze, reason: 'ticket 4711' })),
    { action: 'request-thaw', freezeId: 7, reason: 'over' },
    { action: 'list' },
  ],
  'thaw-request': [{ action: 'confirm-thaw', freezeId: 7 }, { action: 'list' }], // prettier-ignore
  'freeze-response': [{ freezeId: 7, frozenAt: at, inForce: 1 }],
  'request-thaw-response': [{ confirmUntil: at, inForce: 1 }],
  'thaw-response': [{ thawedAt: at, inForce: 0 }],
  'freezes-response': [
    {
      freezes: [
        {
          ...{ freezeId: 7, scope: 'actor', name: 'signer', reason: 'ticket 4711', frozenBy: 'oncall', frozenAt: at },
          ...{ thawRequestedBy: 'oncall', thawRequestedAt: at, thawedBy: 'security', thawedAt: at },
        },
        { freezeId: 6, scope: 'all', reason: 'restored', frozenBy: 'vault:migrate', frozenAt: at, replayFrom: at },
      ],
      inForce: 0,
    },
  ],
  'function-error': [{ errorType: 'NotFound', errorMessage: 'expected a record, got none' }],
  'inbound-header': [
    {
      ...{ alg: 'RSA-OAEP-256', enc: 'A256GCM', typ: 'share-vault-in', kid: 'intake-1', env: 'prod' },
      ...{ kind: 'delegated-share', field: 'delegated_share', walletId: 'wallet-1', userId: '', chain: 'EVM' },
      ...{ iat: 1_795_000_000, jti: 'b1946ac9-2d4a-4d5e-8a1c-9e3f7d2c6b55' },
    },
  ],
  'outbound-header': [
    {
      ...{ alg: 'ECDH-ES', enc: 'A256GCM', epk: P256, typ: 'share-vault-out', kid: X25519.x, env: 'prod' },
      ...{ record: recordId, field: 'wallet_api_key', walletId: 'wallet-1', chain: 'EVM', req },
    },
  ],
  recipient: [P256, { ...P256, kid: 'oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U' }, X25519],
  'webhook-created': [
    {
      eventName: 'wallet.delegation.created',
      ...eventIds,
      data: {
        ...{ ...wallet, chain: 'evm', userId: 'user-1', publicKey: '0xd74FF800', shareSetId: 'set-1' },
        ...{ encryptedDelegatedShare: envelope, encryptedWalletApiKey: envelope },
      },
    },
  ],
  'webhook-revoked': [{ eventName: 'wallet.delegation.revoked', ...eventIds, data: wallet }],
  'webhook-response': [{ code: 'Sealed', requestId: 'r' }, { code: 'SignatureMismatch', requestId: 'r' }], // prettier-ignore
  'log-line': [{ ...wallet, ...row }],
  'archived-line': [{ ...wallet, archived: { from: 1, previousHash: '0'.repeat(64), sequence: 7, hash } }],
  'head-line': [{ ...wallet, head: { sequence: 1, hash } }],
};
