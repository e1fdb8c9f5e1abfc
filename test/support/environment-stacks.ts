import cdkJson from '../../cdk.json';
import { type Environment, VALIDATED_ELSEWHERE, cdkApp, environmentStack } from './synth';

/** The stacks of cdk.json, in one app as `cdk synth` makes it, written into the given folder. */
const app = cdkApp(process.argv[2], VALIDATED_ELSEWHERE);
for (const environment of Object.keys(cdkJson.context.environments)) environmentStack(environment as Environment, app);
app.synth();
