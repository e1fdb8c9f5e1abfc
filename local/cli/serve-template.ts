import { basename } from 'node:path';
import { authorizationAvailable } from '../authorization';
import { SIMULATOR } from '../authorization/simulator';
import { Report } from '../demo/report';
import { type Deployed, deployTemplate } from '../deploy';
import { type DataFolder, openFolder } from '../folder';
import { UNAUTHORIZED, prefixed } from './banner';
import { describeDeployed } from './describe-deployed';
import { writeProfiles } from './profiles';
import { stopSignal } from './stop';

export interface ServeTemplateOptions {
  /** absolute path of a `*.template.json` */
  readonly template: string;
  /** kept across runs @default - a temporary folder, removed at the end */
  readonly dataDir: string | undefined;
  readonly port: number | undefined;
  readonly webhookPort: number | undefined;
  /** prints each decision, a line each */
  readonly trace: boolean;
  /** names everything that was skipped */
  readonly verbose: boolean;
  readonly authorization: boolean;
}

/** Deploys a synthesized template to this machine, says how to reach it, and keeps it until Ctrl-C. */
export async function serveTemplate(options: ServeTemplateOptions): Promise<number> {
  await requireSimulator(options);
  const out = options.authorization ? process.stdout : prefixed(UNAUTHORIZED, process.stdout);
  const report = new Report(out);
  report.heading(`${basename(options.template)} on this machine`);
  const stopped = stopSignal();
  const folder = dataFolder(options.dataDir);
  try {
    const deployed = await deployTemplate({
      ...options,
      dataDir: folder.dir,
      trace: options.trace ? (line) => out.write(`${line}\n`) : undefined,
      step: (label, action, describe) => report.step(label, action, describe),
    });
    try {
      await serveDeployed(deployed, folder.dir, options, { report, out, stopped });
    } finally {
      await deployed.close();
    }
  } finally {
    folder.release();
  }
  report.end('Stopped.');
  return 0;
}

async function serveDeployed(
  deployed: Deployed,
  dataDir: string,
  { template, verbose, authorization }: ServeTemplateOptions,
  { report, out, stopped }: { report: Report; out: NodeJS.WritableStream; stopped: Promise<void> },
): Promise<void> {
  const profiles = writeProfiles(dataDir, deployed);
  try {
    describeDeployed({ deployed, template, dataDir, profiles: profiles.file, verbose, authorization }, report, out);
    await stopped;
  } finally {
    profiles.remove();
  }
}

/** Policies that nobody evaluates must not look as if somebody did. */
async function requireSimulator({ authorization }: ServeTemplateOptions): Promise<void> {
  if (!authorization || (await authorizationAvailable())) return;
  const how = `install it (npm install --save-dev ${SIMULATOR}) or give --no-authorization`;
  throw new Error(`expected the package ${SIMULATOR}, which evaluates policies, got none: ${how}`);
}

/** A temporary one is known here, so that `trail` can be pointed at it; a named one is locked by who deploys into it. */
function dataFolder(dataDir: string | undefined): DataFolder {
  return dataDir === undefined ? openFolder(undefined) : { dir: dataDir, release: () => undefined };
}
