import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { logFolder } from '../../support/run';
import { freshData, keepKeys } from '../../support/vault-template';
import { type Run, type RunOptions, run } from './run';
import { devTemplate } from './template';

/** Serves a template with all that --verbose prints, and waits for the end of the description. */
export function serve(template: string, args: readonly string[] = [], options?: RunOptions): Promise<Run> {
  return serveWith(['--template', template, ...args], options);
}

/** Serves the template of `dev` from a data folder. Later folders of `preparedData` get its keys. */
export async function serveFrom(data: string, args: readonly string[] = [], options?: RunOptions): Promise<Run> {
  const served = await serveWith(['--data', data, ...args], options);
  keepKeys(devTemplate(), data);
  return served;
}

/** Runs `serve --verbose` with these arguments, and waits for the end of the printed description. */
export async function serveWith(args: readonly string[], options?: RunOptions): Promise<Run> {
  const started = run(['serve', '--verbose', ...args], options);
  await started.shows('Ctrl-C stops it');
  return started;
}

/** Returns a data folder with a database and, after a run's first `serveFrom`, keys, because creating keys takes seconds. */
export function preparedData(): Promise<string> {
  return freshData(devTemplate());
}

export async function stop(served: Run | undefined): Promise<number | null | undefined> {
  served?.child.kill('SIGINT');
  return served?.ended;
}

/** Copies the logs of a data folder, so that the end of the run searches them for materials. */
export function keepLogs(data: string): void {
  cpSync(join(data, 'logs'), logFolder(), { recursive: true });
}

/** Returns the printed value of a name. */
export function value(printed: string, name: string): string {
  return new RegExp(` ${name} {2,}(\\S+)`).exec(printed)?.[1] ?? '';
}

/** Returns a client's configuration, only from the output. */
export function printedConfig(printed: string) {
  return {
    endpoint: value(printed, 'AWS_ENDPOINT_URL'),
    region: value(printed, 'AWS_REGION'),
    credentials: {
      accessKeyId: value(printed, 'AWS_ACCESS_KEY_ID'),
      secretAccessKey: value(printed, 'AWS_SECRET_ACCESS_KEY'),
      sessionToken: value(printed, 'AWS_SESSION_TOKEN'),
    },
  };
}

/** Returns the path of the printed file of profiles. */
export function profilesIn(printed: string): string {
  return /AWS_CONFIG_FILE=(\S+)/.exec(printed)?.[1] ?? '';
}

/** Returns the configuration in a profile of the printed file. @param profile - without the prefix of all profiles */
export function profileConfig(printed: string, profile: string) {
  const [, section = ''] = readFileSync(profilesIn(printed), 'utf8').split(`[profile local-vault-${profile}]\n`);
  const member = (name: string) => new RegExp(`^${name} = (.+)$`, 'm').exec(section)?.[1] ?? '';
  return {
    endpoint: member('endpoint_url'),
    region: member('region'),
    credentials: {
      accessKeyId: member('aws_access_key_id'),
      secretAccessKey: member('aws_secret_access_key'),
      sessionToken: member('aws_session_token'),
    },
  };
}

export type Config = ReturnType<typeof printedConfig>;
