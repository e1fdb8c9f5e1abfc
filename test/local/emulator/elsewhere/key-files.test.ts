import { expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeyFile } from '../../../../local/emulator/elsewhere/azure/key-file';
import { Keys } from '../../../../local/emulator/elsewhere/azure/keys';
import { Transit, TransitFile } from '../../../../local/emulator/elsewhere/vault';

const path = (): string => join(mkdtempSync(join(tmpdir(), 'key-files-')), 'keys.json');
const VERSION = '0123456789abcdef0123456789abcdef';

test('keys of a transit engine are the same after a restart, in a file that only its owner may read', () => {
  const file = new TransitFile(path());
  const engine = new Transit(file.read(), (keys) => file.write(keys));
  engine.create('share-key');
  engine.rotate('share-key');

  const again = new Transit(file.read());

  expect(again.has('share-key')).toBe(true);
  expect(file.read()[0]?.versions).toHaveLength(2);
});

test.each(['', '[{"name":"share-key"}]', 'no JSON'])('a file of a transit engine with %j is refused', (content) => {
  const file = path();
  writeFileSync(file, content);

  expect(() => new TransitFile(file).read()).toThrow('expected keys of a transit engine');
});

test('a key of Azure has the version that a template names, with the same material after a restart', async () => {
  const file = path();
  const open = (): Keys =>
    new Keys({
      ...{ url: 'https://v.vault.azure.net', purgeProtection: true, now: () => new Date() },
      file: new KeyFile(file),
    });
  const spec = { kty: 'oct-HSM' } as const;
  await open().ensure({ name: 'share-key', spec, version: VERSION });
  const first = readFileSync(file, 'utf8');

  await open().ensure({ name: 'share-key', spec, version: VERSION });
  await open().ensure({ name: 'share-key', spec, version: VERSION.replace('0', 'f') });

  expect(open().find('share-key', VERSION).version.material.toString('base64')).toBe(
    (JSON.parse(first) as [{ versions: [{ material: string }] }])[0].versions[0].material,
  );
  expect(open().find('share-key').version.version).toBe(VERSION.replace('0', 'f'));
  expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
});
