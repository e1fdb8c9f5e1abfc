import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { synthesizeDev } from './dev-template';
import { type LocalBodies, localBodyProps } from './local-bodies';
import { type LocalKey, localKeyProps } from './local-keys';
import { SHIPPED } from './shipped-template';

/** A template with its assets, and the private key that opens its records offline. */
export interface LocalTemplate {
  readonly template: string;
  /** undefined without a recovery key */
  readonly recoveryFile: string | undefined;
}

/** What a local vault has elsewhere. */
export interface LocalChoice {
  readonly keys: readonly LocalKey[];
  /** @default - the database */
  readonly bodies?: LocalBodies | undefined;
}

/** Synthesizes the environment `dev` with these keys and this body store, in a folder of its own for each choice. */
export function buildLocalTemplate({ keys, bodies }: LocalChoice, outdir = SHIPPED): LocalTemplate {
  const recoveryFile = join(outdir, 'local-recovery.pem');
  const props = { ...localKeyProps(keys, recoveryFile), ...localBodyProps(bodies) };
  const parts = [...[...keys].sort(), ...(bodies === undefined ? [] : ['bodies', bodies])];
  const folder = join(outdir, `dev-${parts.join('-')}`);
  mkdirSync(outdir, { recursive: true });
  const made = mkdtempSync(join(outdir, 'synth-'));
  const template = synthesizeDev(made, props);
  rmSync(folder, { recursive: true, force: true });
  renameSync(made, folder);
  return {
    template: template.replace(made, folder),
    recoveryFile: keys.includes('recovery') ? recoveryFile : undefined,
  };
}
