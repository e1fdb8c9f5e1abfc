// Starts PostgreSQL with a folder, in a process of its own that waits to be killed.
import { VAULT_DATABASE } from '../../../../local/vault/options';
import { startPostgres } from '../../../../local/emulator/postgres';

void startPostgres({ names: VAULT_DATABASE, dataDir: process.argv[2] ?? '', settings: { fsync: 'off' } }).then(
  ({ pid }) => {
    process.stdout.write(`${pid}\n`);
    setInterval(() => undefined, 60_000);
  },
);
