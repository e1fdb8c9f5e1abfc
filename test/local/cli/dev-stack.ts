import { synthesizeDev } from '../../../tools/build/dev-template';

/** Run, it writes the template where it is told to. */
synthesizeDev(process.argv[2] ?? '');
