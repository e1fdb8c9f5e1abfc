import { RESTORE_CHECK_REQUEST, type RestoreCheckRequest } from '../contract/restore-checks';
import { read } from './requests';

export const readRestoreCheckRequest = (event: unknown): RestoreCheckRequest => read(RESTORE_CHECK_REQUEST, event);
