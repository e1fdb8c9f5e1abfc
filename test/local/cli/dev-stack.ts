import { synthesizeDev } from '../../../tools/build/dev-template';

/** Writes the template of `dev` to the folder in the first argument when it is run. */
synthesizeDev(process.argv[2] ?? '');
