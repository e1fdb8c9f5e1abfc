import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Values } from '../../client/commands/command';
import { type Deployed, deployTemplate } from '../emulator/deploy';
import { type DataFolder, openFolder } from '../emulator/deploy/folder';
import { environmentOf } from '../vault/functions';
import type { SenderKey } from '../vault/keys';
import { vaultOptions } from '../vault/options';
import { openWebhook } from '../vault/webhook';
import { type Deployment, readDeployment } from './deployment';
import { describeDeployed } from './describe-deployed';
import { writeProfiles } from './profiles';
import { stopSignal } from './stop';

/** Runs `serve`: deploys a template to this machine, prints how to call it, and keeps it running until Ctrl-C. */
export async function serve(values: Values): Promise<number> {
  const deployment = await readDeployment(values);
  const { options, report } = deployment;
  const stopped = stopSignal();
  const folder = await dataFolder(options.dataDir);
  try {
    const deployed = await deployTemplate(vaultOptions({ ...options, dataDir: folder.dir }));
    try {
      await serveDeployed(deployed, folder.dir, deployment, stopped);
    } finally {
      await deployed.close();
    }
  } finally {
    await folder.release();
  }
  report.end('Stopped.');
  return 0;
}

async function serveDeployed(
  deployed: Deployed,
  dataDir: string,
  { options, verbose, report, out }: Deployment,
  stopped: Promise<void>,
): Promise<void> {
  const environment = environmentOf(deployed.template);
  const webhook = environment === undefined ? undefined : await openWebhook(deployed, environment);
  const profiles = writeProfiles(dataDir, deployed);
  try {
    const keyFiles = writePublicKeys(dataDir, webhook?.keys ?? []);
    const { authorization } = options;
    const files = { dataDir, source: options, profiles, keyFiles };
    describeDeployed({ deployed, environment, webhook, files, verbose, authorization }, report, out);
    await stopped;
  } finally {
    profiles.remove();
  }
}

/** Returns the data folder. Creates a temporary one here, so that its path can be printed; a deploy locks a named one. */
async function dataFolder(dataDir: string | undefined): Promise<DataFolder> {
  return dataDir === undefined ? openFolder(undefined) : { dir: dataDir, release: () => Promise.resolve() };
}

/** Writes each public key, SPKI in PEM, to a file. Returns the files' paths by the keys' names. */
function writePublicKeys(dir: string, keys: readonly SenderKey[]): ReadonlyMap<string, string> {
  return new Map(
    keys.map(({ kid, publicKey }) => {
      const file = join(dir, `${kid}.pem`);
      writeFileSync(file, publicKey);
      return [kid, file];
    }),
  );
}
