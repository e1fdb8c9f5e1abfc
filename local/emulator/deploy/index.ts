export type {
  Application,
  StandInsOf,
  RunningStandIns,
  Deployed,
  DeployOptions,
  FunctionSetting,
  PrincipalChoices,
  SessionChoices,
  Step,
} from './contract';
export type { FunctionCall } from './calls';
export { deployTemplate } from './deploy';
export { type TemplatePolicies, explainTemplate, templatePolicies } from './explain';
export { type TrailEntry, Trail, readEntry, readTrail, trailFile } from './trail';
