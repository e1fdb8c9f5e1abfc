import { runCli } from './commands/run';

const { stdin, stdout, stderr } = process;

// the reader of the output may close it early, as `head` does: the unread rest is not missed
for (const stream of [stdout, stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

runCli(process.argv.slice(2), { stdin, stdout, stderr }, process.env).then(
  (code) => {
    process.exitCode = code;
  },
  () => {
    stderr.write('share-vault: expected to end, got an error\n');
    process.exitCode = 1;
  },
);
