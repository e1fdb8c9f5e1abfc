import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { existsSync } = fs;

/** Simulates a checkout without a build: the default template does not exist. */
fs.existsSync = (path) => !String(path).endsWith('ShareVault-dev.template.json') && existsSync(path);
syncBuiltinESMExports();
