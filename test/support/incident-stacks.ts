import { copyFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duration, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { EmergencyStop, MaterialKind, Operation, ShareKey, ShareVault, type ShareVaultProps } from '../../lib';
import { VALIDATED_ELSEWHERE, cdkApp, fixtureBundles } from './synth';
import { templateFile } from './template-file';

type Choices = Omit<Partial<ShareVaultProps>, 'environment'>;

/** The longest time that a webhook may have: these suites are not about time. */
const PATIENT = { responseTimeout: Duration.seconds(29) };

const onlyNext = (next: () => ShareKey): Choices => ({ webhookKeyIds: ['webhook-2'], shareKey: next() });
const traded = (next: () => ShareKey): Choices => ({
  ...onlyNext(next),
  retiringShareKeys: [ShareKey.ofVault()],
});

/** The deploys of the vault of docs/incidents, in their order. `next` is a share key beside the vault's own. */
const DEPLOYS = {
  first: () => ({}),
  'other-memory': () => ({ memorySize: 640 }),
  'two-webhook-keys': () => ({ webhookKeyIds: ['webhook-1', 'webhook-2'] }),
  'new-webhook-key': () => ({ webhookKeyIds: ['webhook-2'] }),
  'next-opens': (next) => ({ webhookKeyIds: ['webhook-2'], retiringShareKeys: [next()] }),
  'next-seals': traded,
  'former-let-go': onlyNext,
  restored: (next) => ({ ...onlyNext(next), restoreToken: 'restore of 30 November 2026' }),
  'restored-again': (next) => ({ ...onlyNext(next), restoreToken: 'drill of December 2026' }),
} as const satisfies Readonly<Record<string, (next: () => ShareKey) => Choices>>;

export type Deploy = keyof typeof DEPLOYS;

/** Creates the vault `prod` with the actors of cdk.json, and the role of a backend that calls as `backend`. */
function incidentStack(deploy: Deploy): { readonly stack: Stack; readonly file: string } {
  const app = cdkApp(mkdtempSync(join(tmpdir(), 'synth-')), VALIDATED_ELSEWHERE);
  const stack = new Stack(app, 'ShareVault-prod');
  const next = () => new ShareKey(stack, 'ShareKey2', { environment: 'prod' });
  const choices: Choices = DEPLOYS[deploy](next);
  const vault = new ShareVault(stack, 'Vault', {
    ...{ environment: 'prod', webhook: PATIENT, bundles: fixtureBundles() },
    ...choices,
  });
  const backend = new Role(stack, 'Backend', {
    roleName: 'wallet-backend',
    assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com'),
  });
  const operations = [Operation.SEAL, Operation.UNSEAL, Operation.REVOKE, Operation.PROPERTIES];
  vault.addActor('backend', { kinds: Object.values(MaterialKind), operations });
  vault.grantUnseal(backend, { actor: 'backend' });
  vault.addActor('auditor', { operations: [Operation.AUDIT] });
  new EmergencyStop(stack, 'EmergencyStop', { vault, assumedBy: new AccountRootPrincipal() });
  for (const name of ['oncall', 'security']) vault.addActor(name, { operations: [Operation.FREEZE, Operation.THAW] });
  return { stack, file: templateFile(stack, app) };
}

/** When run, writes the template of each deploy to the given folder, without code: tests run their own. */
if (require.main === module) {
  const [folder = ''] = process.argv.slice(2);
  for (const deploy of Object.keys(DEPLOYS) as Deploy[]) {
    copyFileSync(incidentStack(deploy).file, join(folder, `${deploy}.template.json`));
  }
}
