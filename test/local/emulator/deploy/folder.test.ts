import { afterEach, describe, expect, test } from '@jest/globals';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Deployed, deployTemplate, explainTemplate } from '../../../../local/emulator/deploy';
import { openFolder } from '../../../../local/emulator/deploy/folder';
import { logFolder } from '../../../support/run';
import { assemblyOf } from './cloud-assembly';

/** Writes the template of a stack with one key. */
function templateOf(stackName: string, environment = 'aws://444455556666/eu-central-1'): string {
  const dir = mkdtempSync(join(tmpdir(), 'share-vault-stack-'));
  const file = join(dir, 'Mine.template.json');
  const Resources = { Key: { Type: 'AWS::KMS::Key', Properties: {} } };
  const artifacts = { Mine: { environment, properties: { templateFile: 'Mine.template.json', stackName } } };
  writeFileSync(file, JSON.stringify({ Resources }));
  writeFileSync(join(dir, 'manifest.json'), JSON.stringify({ artifacts }));
  return file;
}

function dataFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'share-vault-data-'));
  // PostgreSQL's own user must be able to traverse it
  chmodSync(dir, 0o711);
  return dir;
}

const OWNER = { stack: 'mine', account: '444455556666', region: 'eu-central-1' };
const owned = (): string => {
  const dir = dataFolder();
  writeFileSync(join(dir, 'stack.json'), JSON.stringify(OWNER));
  return dir;
};

let deployed: Deployed | undefined;
const deploy = async (template: string, dataDir: string): Promise<string> => {
  deployed = await deployTemplate({ template, dataDir, logDir: logFolder() });
  return deployed.template.keys()[0]?.arn ?? '';
};
const stop = async (): Promise<void> => {
  await deployed?.close();
  deployed = undefined;
};
afterEach(stop);

describe('a data folder', () => {
  test('of a failed start is removed, and not the one of another start beside it', async () => {
    const dir = join(dataFolder(), 'new', 'all');
    const failing = await openFolder(join(dir, 'one'));
    const other = await openFolder(join(dir, 'two'));
    writeFileSync(join(dir, 'two', 'data'), 'data');

    await failing.release(true);

    expect(readdirSync(dir)).toEqual(['two']);
    expect(readFileSync(join(dir, 'two', 'data'), 'utf8')).toBe('data');
    await other.release();
  });

  test('of a failed start is removed with the folders above that it was created with', async () => {
    const dir = dataFolder();

    await (await openFolder(join(dir, 'new', 'data'))).release(true);

    expect(readdirSync(dir)).toEqual([]);
  });

  test('belongs to its first stack, named in a file that only its owner may read', async () => {
    const dir = dataFolder();

    await deploy(templateOf('mine'), dir);

    expect(JSON.parse(readFileSync(join(dir, 'stack.json'), 'utf8'))).toEqual(OWNER);
    expect(statSync(join(dir, 'stack.json')).mode & 0o777).toBe(0o600);
  });

  test('of an older release has no owner, and belongs to its stack from then on', async () => {
    const dir = dataFolder();
    const key = await deploy(templateOf('mine'), dir);
    await stop();
    rmSync(join(dir, 'stack.json'));

    expect(await deploy(templateOf('mine'), dir)).toBe(key);
    await stop();
    await expect(deploy(templateOf('other'), dir)).rejects.toThrow(/expected a data folder of stack other/);
  });

  test('of another stack is refused in one line that names both and what to do, and stays unchanged', async () => {
    const dir = owned();

    await expect(deploy(templateOf('other'), dir)).rejects.toMatchObject({
      message: `expected a data folder of stack other (444455556666, eu-central-1), got ${dir} of stack mine (444455556666, eu-central-1): use another folder, or remove this one with all its data`,
    });
    expect(JSON.parse(readFileSync(join(dir, 'stack.json'), 'utf8'))).toEqual(OWNER);
    expect(['folder.lock', 'trail.jsonl', 'aws', 'postgres'].filter((name) => existsSync(join(dir, name)))).toEqual([]);
  });

  test.each([
    ['account', 'aws://777788889999/eu-central-1', '777788889999, eu-central-1'],
    ['region', 'aws://444455556666/us-east-1', '444455556666, us-east-1'],
  ])('of the same stack in another %s is refused', async (_what, environment, place) => {
    await expect(deploy(templateOf('mine', environment), owned())).rejects.toThrow(
      `expected a data folder of stack mine (${place})`,
    );
  });

  test('whose file names no stack is refused, naming the file', async () => {
    const dir = dataFolder();
    writeFileSync(join(dir, 'stack.json'), '{}');

    await expect(deploy(templateOf('mine'), dir)).rejects.toThrow(
      `${join(dir, 'stack.json')}: expected a stack, an account and a region, got something else`,
    );
  });

  test('of another stack explains nothing', async () => {
    const dataDir = owned();
    mkdirSync(join(dataDir, 'aws'));
    const asked = { principal: 'administrator', action: 'kms:DescribeKey', resource: 'Key', context: {} };

    await expect(explainTemplate({ template: templateOf('other'), dataDir }, asked)).rejects.toThrow(
      /expected a data folder of stack other/,
    );
    expect(await explainTemplate({ template: templateOf('mine'), dataDir }, asked)).toMatchObject({ allowed: true });
  });

  describe('of an app', () => {
    const KEY = { Resources: { Key: { Type: 'AWS::KMS::Key', Properties: {} } } };
    const app = assemblyOf({ One: { template: KEY }, Two: { template: KEY }, Three: { template: KEY } });
    const deployApp = async (dataDir: string, ...stacks: readonly string[]): Promise<readonly string[]> => {
      deployed = await deployTemplate({ app, stacks, dataDir, logDir: logFolder() });
      return deployed.template.keys().map(({ arn }) => arn);
    };

    test('a data folder of an app gains stacks, and keeps the keys of those that it has', async () => {
      const dir = dataFolder();
      const [first] = await deployApp(dir, 'One');
      await stop();
      const [again, second] = await deployApp(dir, 'One', 'Two');
      await stop();
      const [third] = await deployApp(dir, 'Two');

      expect([again, third]).toEqual([first, second]);
      expect(JSON.parse(readFileSync(join(dir, 'stack.json'), 'utf8'))).toMatchObject({ stacks: ['One', 'Two'] });
    });

    test('a data folder of an app is refused for stacks that it does not have', async () => {
      const dir = dataFolder();
      await deployApp(dir, 'One');
      await stop();

      await expect(deployApp(dir, 'Two', 'Three')).rejects.toThrow(
        `expected a data folder of an app with Two, Three (111122223333, us-east-1), got ${dir} of an app with One (111122223333, us-east-1)`,
      );
    });

    test('a data folder of one template is refused for an app, and the reverse', async () => {
      const [ofApp, ofOne] = [dataFolder(), dataFolder()];
      await deployApp(ofApp, 'One');
      await stop();
      await deploy(join(app, 'One.template.json'), ofOne);
      await stop();

      await expect(deployApp(ofOne, 'One')).rejects.toThrow(
        /expected a data folder of an app with One .*, got \S+ of stack One /,
      );
      await expect(deploy(join(app, 'One.template.json'), ofApp)).rejects.toThrow(
        /expected a data folder of stack One .*, got \S+ of an app with One /,
      );
    });
  });
});
