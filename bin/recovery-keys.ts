import { ELSEWHERE } from '../lib/private/elsewhere-patterns';
import { RecoveryKey } from '../lib/recovery-key';
import { Fields } from './fields';
import { APP_DIRECTORY, readPemFile } from './pem-file';

/** Recovery keys of an environment, and the statement of their list. */
export interface RecoveryKeysConfig {
  readonly recoveryKeys?: RecoveryKey[] | undefined;
  readonly recoveryKeysChange?: string | undefined;
}

/** Reads `recoveryKeys` of one environment, `{ name: path }` with a path from the directory of cdk.json. */
export function readRecoveryKeys(
  environment: Fields,
  problems: string[],
  directory = APP_DIRECTORY,
): RecoveryKeysConfig {
  const recoveryKeysChange = environment.text('recoveryKeysChange', ELSEWHERE.recoveryDigest);
  const value = environment.take('recoveryKeys');
  if (value === undefined) return { recoveryKeysChange };
  const files = new Fields('recoveryKeys', value, problems);
  const recoveryKeys = files.entries().flatMap(([name, path]) => {
    const publicKey = readPemFile(files, name, directory);
    if (publicKey === undefined) {
      if (path === undefined) files.refuse(name, 'expected the path of a file in PEM, got none');
      return [];
    }
    try {
      return [RecoveryKey.offline({ name, publicKey })];
    } catch (error) {
      // the construct's error never quotes the text, which may be a private key
      files.refuse(name, `${String(path)}: ${error instanceof Error ? error.message : String(error)}`);
      return [];
    }
  });
  return { recoveryKeys, recoveryKeysChange };
}
