import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { existsSync } = fs;

/** As where nothing was built: the template that runs without being named isn't there. */
fs.existsSync = (path) => !String(path).endsWith('ShareVault-dev.template.json') && existsSync(path);
syncBuiltinESMExports();
