import type { Control } from './control';
import { DATABASE_CONTROLS } from './database';
import { FUNCTION_CONTROLS } from './functions';
import { KEY_CONTROLS } from './keys';
import { NETWORK_CONTROLS, SECRET_CONTROLS } from './network';
import { ROLE_CONTROLS } from './roles';
import { RUN_CONTROLS, STATE_CONTROLS } from './state';
import { WATCH_CONTROLS, WEBHOOK_CONTROLS } from './watch';

export { AREAS, type Area, type Control, type Look, type Standards } from './control';

/** Every control of a report, in its order. */
export const CONTROLS: readonly Control[] = [
  ...KEY_CONTROLS,
  ...ROLE_CONTROLS,
  ...DATABASE_CONTROLS,
  ...FUNCTION_CONTROLS,
  ...NETWORK_CONTROLS,
  ...SECRET_CONTROLS,
  ...WATCH_CONTROLS,
  ...WEBHOOK_CONTROLS,
  ...STATE_CONTROLS,
  ...RUN_CONTROLS,
];
