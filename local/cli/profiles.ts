import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivately } from '../emulator/services/files';
import type { Deployed } from '../emulator/deploy';
import type { RolePart } from '../emulator/template';

export const ADMINISTRATOR = 'administrator';

/** A configuration file for SDKs and the `aws` command: the endpoint and credentials of each identity. */
export interface Profiles {
  /** the value of `AWS_CONFIG_FILE` */
  readonly file: string;
  /** Removes the file, because its credentials are invalid after the vault has stopped. */
  remove(): void;
}

/** Writes the file, readable only by its owner. @param dir - the file's folder */
export function writeProfiles(dir: string, deployed: Deployed): Profiles {
  const file = join(dir, 'aws-config');
  const sessions = [
    [ADMINISTRATOR, deployed.administrator] as const,
    ...deployed.template.roles().map((role) => [profileOf(role), deployed.session(role.logicalId)] as const),
  ];
  const text = sessions.map(([name, { accessKeyId, secretAccessKey, sessionToken }]) =>
    [
      `[profile ${name}]`,
      `region = ${deployed.region}`,
      `endpoint_url = ${deployed.url}`,
      `aws_access_key_id = ${accessKeyId}`,
      `aws_secret_access_key = ${secretAccessKey}`,
      `aws_session_token = ${sessionToken}`,
      '',
    ].join('\n'),
  );
  writePrivately(file, Buffer.from(text.join('\n')));
  return { file, remove: () => rmSync(file, { force: true }) };
}

/** Returns the role's name if SDKs accept it as a profile name, else its logical id. */
export function profileOf({ name, logicalId }: RolePart): string {
  return /^[\w.@+-]+$/.test(name) && name !== ADMINISTRATOR ? name : logicalId;
}
