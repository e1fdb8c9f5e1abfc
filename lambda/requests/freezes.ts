import { FREEZE_REQUEST, type FreezeRequest, THAW_REQUEST, type ThawRequest } from '../contract/freezes';
import { read } from './requests';

export const readFreezeRequest = (event: unknown): FreezeRequest => read(FREEZE_REQUEST, event);
export const readThawRequest = (event: unknown): ThawRequest => read(THAW_REQUEST, event);
