import { EXIT } from './commands/exit-codes';
import { ensureHome } from './commands/home';
import { guardOutputs } from './commands/output-guard';
import { runCli } from './commands/run';

const { stdin, stdout, stderr } = process;

ensureHome(process.env);
// an output that can't be written is reported by the guarded stream around it
guardOutputs([stdout, stderr]);

// until the command has ended: one that waits for an input that was closed never does, and nothing keeps its process alive
process.exitCode = EXIT.failed;
runCli(process.argv.slice(2), { stdin, stdout, stderr }, process.env).then(
  (code) => {
    process.exitCode = code;
  },
  () => {
    stderr.write('share-vault: expected to end, got an error\n');
    process.exitCode = EXIT.failed;
  },
);
