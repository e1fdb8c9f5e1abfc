import { join } from 'node:path';
import { synthesizeDev } from '../../../../tools/build/dev-template';
import { LOCAL_BODIES, localBodyProps } from '../../../../tools/build/local-bodies';

/** As a script, writes the templates of `npm start -- --bodies STORE` and their assets, each to a folder of the given one. */
if (require.main === module) {
  const [folder = ''] = process.argv.slice(2);
  for (const bodies of LOCAL_BODIES) synthesizeDev(join(folder, bodies), localBodyProps(bodies));
}
