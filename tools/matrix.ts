import { join } from 'node:path';
import cdkJson from '../cdk.json';
import { CONTROL_POLICIES } from '../local/audit/matrix/control-policies';
import { controlTable } from '../local/audit/matrix/control-table';
import { deployedTemplate } from '../local/audit/matrix/place';
import { readJson } from '../local/emulator/template/template';
import { VaultPolicies } from '../local/audit/matrix/vault-policies';
import { commandLine } from '../local/cli/commands';
import { matrix } from '../local/cli/matrix';
import { UsageError } from '../client/commands/command';
import { EXIT } from '../client/commands/exit-codes';
import { guardOutputs } from '../client/commands/output-guard';
import { parse } from '../client/commands/parser';
import { matrixStack } from './matrix-stacks';
import { cdkApp, type Environment, VALIDATED_ELSEWHERE } from './synth';
import { useTemporaryFolder } from './temporary';

const ENVIRONMENTS = Object.keys(cdkJson.context.environments) as readonly Environment[];

const EXAMPLES = ['npm run matrix -- dev', 'npm run matrix -- --template cdk.out/App.template.json'];

/** The command with an argument that only a checkout has. */
const COMMAND_LINE = ((line) => ({
  ...line,
  commands: line.commands.map((command) => ({
    ...command,
    args: '[ENVIRONMENT]',
    examples: EXAMPLES,
  })),
}))(commandLine('npm run'));

/**
 * Runs `npm run matrix`: the command `matrix` of the local vault, for `--template FILE` or for the template of an
 * environment of this repository, whose text also shows the effect of the sample service control policies.
 */
async function main(args: readonly string[]): Promise<number> {
  const parsed = parse(COMMAND_LINE, ['matrix', ...args], process.stdout);
  if (parsed === undefined) return EXIT.done;
  if (parsed.values.template !== undefined || parsed.values.app !== undefined)
    return matrix(parsed.values, parsed.args);
  const [given = 'prod', ...more] = parsed.args;
  const environment = ENVIRONMENTS.find((name) => name === given);
  if (environment === undefined || more.length > 0) {
    throw new UsageError(`expected one of ${ENVIRONMENTS.join(', ')}, got ${parsed.args.join(' ')}`);
  }
  const template = synthesize(environment);
  await matrix({ ...parsed.values, template }, []);
  if (parsed.values.csv === true || parsed.values.json === true) return EXIT.done;
  const vault = new VaultPolicies(deployedTemplate(template, readJson(template)), environment);
  process.stdout.write(`\n${(await controlTable(vault, CONTROL_POLICIES)).join('\n')}\n`);
  return EXIT.done;
}

/** Returns the path of an environment's template. */
function synthesize(environment: Environment): string {
  const app = cdkApp(join(useTemporaryFolder(), 'cdk.out'), VALIDATED_ELSEWHERE);
  matrixStack(environment, app);
  return app.synth().getStackByName(`ShareVault-${environment}`).templateFullPath;
}

guardOutputs([process.stdout, process.stderr], (code) => {
  // a reader that has enough, such as head, is no failure
  if (code !== 'EPIPE') process.exitCode = EXIT.output;
});

main(process.argv.slice(2)).then(
  (code) => (process.exitCode ??= code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = error instanceof UsageError ? EXIT.usage : EXIT.failed;
  },
);
