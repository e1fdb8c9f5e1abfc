import type { Credentials } from '../local/emulator/services/functions/environment';
import { deployTemplate } from '../local/emulator/deploy';
import { vaultOptions } from '../local/vault/options';
import { shippedTemplate } from '../local/vault/shipped';

/** A deployed template in a process of its own, so that neither process waits for the other's event loop. */
export interface BenchDeployment {
  readonly url: string;
  readonly region: string;
  /** the administrator's */
  readonly credentials: Credentials;
  /** the public key that materials are encrypted to */
  readonly intakeKey: { readonly kid: string; readonly arn: string };
}

const INTAKE = /^\/share-vault\/[^/]+\/keys\/intake\/(?<kid>[^/]+)$/;

async function main([authorization]: readonly string[]): Promise<void> {
  const deployed = await deployTemplate(
    vaultOptions({ ...shippedTemplate(), authorization: authorization === 'with' }),
  );
  process.once('disconnect', () => void deployed.close());
  const { url, region, administrator: credentials } = deployed;
  const [intakeKey] = deployed.template.storedParameters().flatMap(({ name, value: arn }) => {
    const kid = INTAKE.exec(name)?.groups?.kid;
    return kid === undefined ? [] : [{ kid, arn }];
  });
  if (intakeKey === undefined) throw new Error('expected a template that publishes an intake key, got none');
  process.send?.({ url, region, credentials, intakeKey } satisfies BenchDeployment);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
