import { openFolder } from '../../../../local/emulator/deploy/folder';

/** Opens a data folder, reports the outcome, and keeps the folder until this process is killed. */
openFolder(process.argv[2]).then(
  () => process.send?.('opened'),
  (error: unknown) => process.send?.(String(error)),
);
setInterval(() => undefined, 60_000);
