import { ensureHome } from './commands/home';
import { guardOutputs } from './commands/output-guard';
import { runCli } from './commands/run';

const { stdin, stdout, stderr } = process;

ensureHome(process.env);
// an output that can't be written is reported by the guarded stream around it
guardOutputs([stdout, stderr]);

runCli(process.argv.slice(2), { stdin, stdout, stderr }, process.env).then(
  (code) => {
    process.exitCode = code;
  },
  () => {
    stderr.write('share-vault: expected to end, got an error\n');
    process.exitCode = 1;
  },
);
