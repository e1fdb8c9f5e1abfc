export { pageOf } from './html/page';
export { createReport, type ReportInput } from './report';
export { FORMAT, type Report, REPORT } from './schema';
export { type AuditedStack, parseTemplate, readAuditedStacks, sha256 } from './stacks';
