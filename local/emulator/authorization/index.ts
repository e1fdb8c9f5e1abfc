/** IAM decisions: `awsActions` → `callContext` → `createAuthorizer().decide` → `message`, `explain`, `traceLine`. */
export { type AwsAction, type Place, awsActions } from './actions';
export { type Authorizer, createAuthorizer } from './cache';
export { type CallFacts, type InputFacts, callContext } from './context';
export { assumesRole, decide } from './decide';
export type { Decision, PolicyKind, PolicyPart, StatementPart, StatementPlace } from './decision';
export { type Context, type PolicyDocument, type PolicyStatement, VERSION } from './document';
export { AuthorizationError, type AuthorizationErrorCode } from './errors';
export { explain, reasonOf } from './explain';
export { message } from './message';
export { FULL_AWS_ACCESS, Policy } from './policy';
export type { AuthorizationRequest, Policies, Principal } from './request';
export { SERVICE_PRINCIPALS } from './service-principals';
export { authorizationAvailable, requireSimulator } from './simulator';
export { traceLine } from './trace';
