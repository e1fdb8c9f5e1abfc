import type { Validation } from './shared-validation';

/** What CDK loads in a suite as `@aws/cloudformation-validate`. */
export const { CompositeEngine, TemplateContent, version } = Reflect.get(globalThis, 'sharedValidation') as Validation;
