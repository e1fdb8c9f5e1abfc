import { UsageError, type Values, textOf } from '../../client/commands/command';
import { resolvePath } from './options';
import { OwnedFile } from './owned-file';

/** The options of `serve` that make it usable by other programs. */
export interface Files {
  /** prints events as JSON lines */
  readonly json: boolean;
  /** the file that exists while the vault is ready */
  readonly ready: OwnedFile | undefined;
  /** the file with variables for other programs */
  readonly env: OwnedFile | undefined;
  /** the actor whose variables are in the file too */
  readonly actor: string | undefined;
  /** Removes files that an ended process left. Throws if a file can't be written. */
  prepare(): void;
  remove(): void;
}

/** Reads the options. Throws `UsageError` if they don't fit together. */
export function readFiles(values: Values): Files {
  const [envFile, dotenv] = [fileOf(values, 'env-file'), fileOf(values, 'dotenv')];
  if (envFile !== undefined && dotenv !== undefined) throw new UsageError('expected --env-file or --dotenv, got both');
  const [ready, env] = [fileOf(values, 'ready-file'), envFile ?? dotenv];
  const actor = textOf(values, 'actor');
  if (actor !== undefined && env === undefined) throw new UsageError('expected --env-file FILE with --actor, got none');
  if (ready !== undefined && ready.path === env?.path) {
    throw new UsageError('expected different files after --ready-file and --env-file, got the same one');
  }
  const files = [ready, env].flatMap((file) => file ?? []);
  return {
    ...{ json: values.json === true, ready, env, actor },
    prepare: () => files.forEach((file) => file.prepare()),
    remove: () => files.forEach((file) => file.remove()),
  };
}

function fileOf(values: Values, name: string): OwnedFile | undefined {
  const path = textOf(values, name);
  return path === undefined ? undefined : new OwnedFile(`--${name}`, resolvePath(path));
}
