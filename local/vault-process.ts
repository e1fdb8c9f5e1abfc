import { serveParent } from './vault/running/serve-parent';

// a Ctrl-C reaches the whole group of a terminal: the parent decides, and the end of its input stops this process
process.on('SIGINT', () => undefined);
// as the end of the input does
process.on('SIGTERM', () => process.stdin.destroy());

void serveParent(process.stdin, process.stdout).then((code) => process.exit(code));
