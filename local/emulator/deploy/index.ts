export type { Deployed, DeployOptions, PrincipalChoices, SessionChoices, Step } from './contract';
export { deployTemplate } from './deploy';
export { explainTemplate } from './explain';
export { CALLED, FUNCTION_KEYS, type FunctionKey, functionName } from './vault-functions';
export { type TrailEntry, Trail, readEntry, readTrail, trailFile } from './trail';
