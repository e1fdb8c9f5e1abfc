import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivately } from '../emulator/services/files';
import type { Deployed } from '../emulator/deploy';
import type { RolePart } from '../emulator/template';

export const ADMINISTRATOR = 'administrator';

/** A file that any SDK and the `aws` command line read: for each identity where to call, and with what credentials. */
export interface Profiles {
  /** for `AWS_CONFIG_FILE` */
  readonly file: string;
  /** The credentials in it are nobody's once the vault has stopped. */
  remove(): void;
}

/** @param dir where the file is written, for its owner alone */
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

/** The role's name, as far as the SDKs take it for a profile's; logical ids they always take. */
export function profileOf({ name, logicalId }: RolePart): string {
  return /^[\w.@+-]+$/.test(name) && name !== ADMINISTRATOR ? name : logicalId;
}
