export { type Machine, readMachine } from './definition';
export type { StateMachine } from './execution';
export type { Invoke, ServiceCall } from './interpret';
export type { Json } from './json';
export { StateError } from './state-error';
export { LocalStates } from './states';
export { sleep } from './waiting';
