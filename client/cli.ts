import { runCli } from './commands/run';

const { stdin, stdout, stderr } = process;

// an output that can't be written is reported by the guarded stream around it
for (const stream of [stdout, stderr]) stream.on('error', () => undefined);

runCli(process.argv.slice(2), { stdin, stdout, stderr }, process.env).then(
  (code) => {
    process.exitCode = code;
  },
  () => {
    stderr.write('share-vault: expected to end, got an error\n');
    process.exitCode = 1;
  },
);
