import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Deployed } from '../emulator/deploy';
import { writePrivately } from '../emulator/services/files';
import type { Credentials } from '../emulator/services/functions/environment';
import { ADMINISTRATOR_PROFILE, profileNames } from './profile-names';

/** Files for SDKs and the `aws` command: the endpoint and credentials of each identity. */
export interface Profiles {
  /** the value of `AWS_CONFIG_FILE` */
  readonly file: string;
  /** Removes the files, because their credentials are invalid after the vault has stopped. */
  remove(): void;
}

/** Writes the files, readable only by their owner. @param dir - the files' folder */
export function writeProfiles(dir: string, deployed: Deployed): Profiles {
  const file = join(dir, 'aws-config');
  const credentialsFile = credentialsFileOf(file);
  const names = profileNames(deployed.template.roles());
  const sessions: readonly (readonly [string, Credentials])[] = [
    [ADMINISTRATOR_PROFILE, deployed.administrator],
    ...[...names].map(([logicalId, name]) => [name, deployed.session(logicalId)] as const),
  ];
  const text = sessions.map(([name, credentials]) => profileText(name, credentials, deployed));
  writePrivately(file, Buffer.from(text.join('\n')));
  writePrivately(credentialsFile, Buffer.from(`# empty: the profiles of the local vault are in ${file}\n`));
  const remove = (): void => [file, credentialsFile].forEach((each) => rmSync(each, { force: true }));
  return { file, remove };
}

/**
 * Returns the value of `AWS_SHARED_CREDENTIALS_FILE`, beside the configuration. That file has no profiles, so that none
 * of the developer's is used instead: those of `~/.aws/credentials` win over a configuration's.
 */
function credentialsFileOf(configFile: string): string {
  return join(dirname(configFile), 'aws-credentials');
}

/** Variables that choose a profile of a local vault. */
export type ProfileVariables = Readonly<
  Record<'AWS_CONFIG_FILE' | 'AWS_SHARED_CREDENTIALS_FILE' | 'AWS_PROFILE', string>
>;

/** @param configFile - the path of the file that `writeProfiles` wrote */
export function profileVariables(configFile: string, profile: string): ProfileVariables {
  return {
    AWS_CONFIG_FILE: configFile,
    AWS_SHARED_CREDENTIALS_FILE: credentialsFileOf(configFile),
    AWS_PROFILE: profile,
  };
}

function profileText(
  name: string,
  { accessKeyId, secretAccessKey, sessionToken }: Credentials,
  { region, url }: Pick<Deployed, 'region' | 'url'>,
): string {
  return [
    `[profile ${name}]`,
    `region = ${region}`,
    `endpoint_url = ${url}`,
    // with either, an SDK refuses an endpoint_url
    'use_fips_endpoint = false',
    'use_dualstack_endpoint = false',
    // the AWS command line, version 1, otherwise calls the global endpoint's region
    'sts_regional_endpoints = regional',
    `aws_access_key_id = ${accessKeyId}`,
    `aws_secret_access_key = ${secretAccessKey}`,
    `aws_session_token = ${sessionToken}`,
    '',
  ].join('\n');
}
