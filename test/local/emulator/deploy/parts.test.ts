import { describe, expect, test } from '@jest/globals';
import { copyFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { generate } from '../../../../local/emulator/deploy/generate';
import { PhysicalNames } from '../../../../local/emulator/deploy/physical';
import { placeOf } from '../../../../local/emulator/deploy/place';
import { readStack } from '../../../../local/emulator/deploy/read';
import { vaultOptions } from '../../../../local/vault/options';
import type { Generation } from '../../../../local/emulator/template';
import { BUNDLES, consumerTemplate } from './support';

const ALL: Generation = {
  length: 32,
  exclude: { lowercase: false, uppercase: false, numbers: false, punctuation: false },
  excludedCharacters: '',
  includeSpace: false,
  requireEachType: true,
  template: undefined,
};

describe('a generated secret', () => {
  test('has its length, and a character of each type', () => {
    const value = generate({ ...ALL, length: 4 });

    expect(value).toHaveLength(4);
    expect([/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/].map((type) => type.test(value))).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  test('has no excluded character', () => {
    const exclude = { lowercase: false, uppercase: true, numbers: true, punctuation: true };

    expect(generate({ ...ALL, length: 500, exclude, excludedCharacters: 'aeiou' })).toMatch(/^[b-df-hj-np-tv-z]{500}$/);
  });

  test('is the value of its key in a template', () => {
    const template = { json: '{"username":"own"}', key: 'password' };

    expect(JSON.parse(generate({ ...ALL, template }))).toEqual({
      username: 'own',
      password: expect.stringMatching(/^.{32}$/s),
    });
  });

  test('is refused if no character is left to make it of', () => {
    const exclude = { lowercase: true, uppercase: true, numbers: true, punctuation: true };

    expect(() => generate({ ...ALL, exclude })).toThrow(/expected characters/);
  });
});

describe('a template that was carried away from its assets', () => {
  const away = (): string => {
    const file = join(mkdtempSync(join(tmpdir(), 'share-vault-away-')), basename(consumerTemplate()));
    copyFileSync(consumerTemplate(), file);
    return file;
  };

  test('runs the bundles that it is given', () => {
    const vault = readStack(vaultOptions({ template: away(), bundles: BUNDLES }), new PhysicalNames());

    expect(vault.functions().map(({ code }) => code)).toContainEqual({
      kind: 'folder',
      folder: join(BUNDLES, 'unseal'),
    });
  });

  test('is refused without bundles', () => {
    const vault = readStack({ template: away() }, new PhysicalNames());

    expect(() => vault.functions()).toThrow(/expected a folder among the synth's assets/);
  });
});

describe('the place of a stack', () => {
  test.each([
    ['an account and a region', 'aws://444455556666/eu-central-1', { account: '444455556666', region: 'eu-central-1' }],
    ['a region alone', 'aws://unknown-account/eu-central-1', { account: '111122223333', region: 'eu-central-1' }],
    ['neither', 'aws://unknown-account/unknown-region', { account: '111122223333', region: 'us-east-1' }],
  ])('is what its manifest says: %s', (_what, environment, place) => {
    const folder = mkdtempSync(join(tmpdir(), 'share-vault-place-'));
    const properties = { templateFile: 'Mine.template.json', stackName: 'mine' };
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ artifacts: { Mine: { environment, properties } } }));

    expect(placeOf(join(folder, 'Mine.template.json'))).toEqual({ stack: 'mine', ...place });
  });
});
