import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Values } from '../../client/commands/command';
import { type Deployed, deployTemplate } from '../emulator/deploy';
import { dataFolder } from '../vault/data-folder';
import { environmentOf } from '../vault/functions';
import type { SenderKey } from '../vault/keys';
import { vaultOptions } from '../vault/options';
import { actorVariables, awsVariables, requireActor } from '../vault/process-env';
import { writeProfiles } from '../vault/profiles';
import { openWebhook } from '../vault/webhook';
import { type Announcer, jsonAnnouncer, textAnnouncer } from './announcer';
import { type Deployment, readDeployment } from './deployment';
import type { Described } from './described';
import { envFileText } from './env-file';
import { type Files, readFiles } from './files';
import { readyFacts } from './ready';
import { Interrupted, type StopSignal, interruptible, stopSignal } from './stop';

/** Makes a step's line 80 characters long. */
const TEXT_WIDTH = 55;

/** Runs `serve`: deploys a template to this machine, prints how to call it, and keeps it running until Ctrl-C. */
export async function serve(values: Values): Promise<number> {
  const files = readFiles(values);
  files.prepare();
  const deployment = await readDeployment(values, {
    reportTo: files.json ? process.stderr : undefined,
    textWidth: TEXT_WIDTH,
  });
  const { out, report } = deployment;
  const announcer = files.json ? jsonAnnouncer(process.stdout) : textAnnouncer(out, report);
  const stop = stopSignal();
  const folder = await dataFolder(deployment.options.dataDir);
  try {
    await deployAndServe({ dataDir: folder.dir, deployment, files, announcer, stop });
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
  } finally {
    await folder.release();
  }
  announcer.stopped();
  return 0;
}

/** A vault to serve, and the output about it. */
interface Serving {
  readonly dataDir: string;
  readonly deployment: Deployment;
  readonly files: Files;
  readonly announcer: Announcer;
  readonly stop: StopSignal;
}

async function deployAndServe(serving: Serving): Promise<void> {
  const { dataDir, files, announcer, stop } = serving;
  const { options } = serving.deployment;
  const deployed = await deployTemplate(
    vaultOptions({
      ...{ ...options, dataDir, step: interruptible(options.step, stop) },
      trace: options.trace && ((line) => announcer.decision(line)),
      onCall: (call) => announcer.call(call),
      check: (template) => files.actor !== undefined && requireActor(template, files.actor),
    }),
  );
  try {
    await announce(deployed, serving);
  } finally {
    await deployed.close();
  }
}

/** Writes the files for other programs, announces the vault, and waits for the stop. Removes the files. */
async function announce(deployed: Deployed, { dataDir, deployment, files, announcer, stop }: Serving): Promise<void> {
  const profiles = writeProfiles(dataDir, deployed);
  try {
    const described = await describe(deployed, dataDir, profiles.file, deployment);
    announcer.ready(described, writeFiles(described, files));
    await stop.requested;
    announcer.stopping();
  } finally {
    profiles.remove();
    files.remove();
  }
}

async function describe(
  deployed: Deployed,
  dataDir: string,
  profiles: string,
  { options, verbose }: Deployment,
): Promise<Described> {
  const environment = environmentOf(deployed.template);
  const webhook = environment === undefined ? undefined : await openWebhook(deployed, environment);
  const keyFiles = writePublicKeys(dataDir, webhook?.keys ?? []);
  const temporary = options.dataDir === undefined;
  const files = { dataDir, temporary, source: options, profiles, keyFiles };
  return { deployed, environment, webhook, files, verbose, authorization: options.authorization };
}

/** Writes the files of `--env-file` and `--ready-file`, the latter last: a reader of it finds everything. */
function writeFiles(described: Described, { env, ready, actor }: Files): ReturnType<typeof readyFacts> {
  const { deployed, environment } = described;
  if (env !== undefined) {
    const named = actor !== undefined && environment !== undefined;
    const variables = {
      ...awsVariables(deployed, deployed.administrator),
      ...(named && actorVariables(deployed, environment, actor)),
    };
    env.write(envFileText(variables));
  }
  const facts = readyFacts(described, env?.path);
  ready?.write(`${JSON.stringify(facts)}\n`);
  return facts;
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
