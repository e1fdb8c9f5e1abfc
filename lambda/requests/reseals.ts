import { RESEAL_REQUEST, type ResealRequest } from '../contract/reseals';
import { read } from './requests';

export const readResealRequest = (event: unknown): ResealRequest => read(RESEAL_REQUEST, event);
