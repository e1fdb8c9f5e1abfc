import cdkJson from '../cdk.json';
import { CONTROL_POLICIES } from '../local/audit/matrix/control-policies';
import { renderMatrix } from '../local/audit/matrix/table';
import { matrixVault } from '../test/local/audit/matrix/vault-app';
import type { Environment } from '../test/support/environment-template';
import { beginRun, endRun } from '../test/support/run';

const ENVIRONMENTS = Object.keys(cdkJson.context.environments) as readonly Environment[];

/** `npm run matrix [-- environment]`: who may do what to a vault, by the template that would be deployed. */
const [given = 'prod'] = process.argv.slice(2);
const environment = ENVIRONMENTS.find((name) => name === given);
if (!environment) {
  console.error(`expected one of ${ENVIRONMENTS.join(', ')}, got ${given}`);
  process.exitCode = 2;
} else {
  beginRun();
  process.once('exit', endRun);
  void renderMatrix(matrixVault(environment), CONTROL_POLICIES).then(console.log);
}
