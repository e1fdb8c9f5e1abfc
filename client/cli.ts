import { runCli } from './commands/run';

const { stdin, stdout, stderr } = process;

runCli(process.argv.slice(2), { stdin, stdout, stderr }, process.env).then(
  (code) => {
    process.exitCode = code;
  },
  () => {
    stderr.write('share-vault: expected to end, got an error\n');
    process.exitCode = 1;
  },
);
