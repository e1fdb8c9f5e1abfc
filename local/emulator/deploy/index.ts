export type {
  Application,
  Deployed,
  DeployOptions,
  FunctionSetting,
  PrincipalChoices,
  SessionChoices,
  Step,
} from './contract';
export { deployTemplate } from './deploy';
export { type TemplatePolicies, explainTemplate, templatePolicies } from './explain';
export { type TrailEntry, Trail, readEntry, readTrail, trailFile } from './trail';
