import { copyFileSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { MaterialKind, Operation, type RecordKeyOptions, ShareKey, ShareVault } from '../../lib';
import { VALIDATED_ELSEWHERE, cdkApp } from '../support/synth';
import { templateFile } from '../support/template-file';

/** The deploys of docs/rotation.md by which a vault gets another share key. */
export const DEPLOYS = ['own', 'opens', 'traded'] as const;
export type Deploy = (typeof DEPLOYS)[number];

function keysOf(deploy: Deploy, stack: Stack): RecordKeyOptions {
  if (deploy === 'own') return {};
  const next = new ShareKey(stack, 'ShareKey2', { environment: 'local' });
  return deploy === 'opens'
    ? { retiringShareKeys: [next] }
    : { shareKey: next, retiringShareKeys: [ShareKey.ofVault()] };
}

export const templateOf = (folder: string, deploy: Deploy): string => join(folder, deploy, 'Retire.template.json');

/** As a script, writes the template of each deploy to the given folder, without code. */
if (require.main === module) {
  const [folder = ''] = process.argv.slice(2);
  for (const deploy of DEPLOYS) {
    const app = cdkApp(mkdtempSync(join(tmpdir(), 'synth-')), VALIDATED_ELSEWHERE);
    const stack = new Stack(app, 'Retire');
    const vault = new ShareVault(stack, 'Vault', { environment: 'local', webhook: {}, ...keysOf(deploy, stack) });
    vault.addActor('signer', {
      kinds: [MaterialKind.DELEGATED_SHARE],
      operations: [Operation.SEAL, Operation.UNSEAL, Operation.AUDIT],
    });
    mkdirSync(join(folder, deploy));
    copyFileSync(templateFile(stack, app), templateOf(folder, deploy));
  }
}
