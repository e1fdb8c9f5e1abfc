import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';

/** Fields that API Gateway writes of a request: no body, no query, and no header, one of which is the signature. */
const FIELDS = {
  time: '$context.requestTime',
  requestId: '$context.requestId',
  // what the answer and the function's own log say: leads from one log to the other
  functionRequestId: '$context.awsEndpointRequestId',
  sourceIp: '$context.identity.sourceIp',
  route: '$context.routeKey',
  status: '$context.status',
  responseLength: '$context.responseLength',
  latency: '$context.responseLatency',
  integrationStatus: '$context.integrationStatus',
  integrationLatency: '$context.integrationLatency',
  // why a request never came to the handler's answer: throttled, not allowed to invoke, timed out, crashed
  error: '$context.error.message',
  integrationError: '$context.integrationErrorMessage',
} as const;

/** A line of JSON for each request. */
export function accessLogFormat(): AccessLogFormat {
  return AccessLogFormat.custom(JSON.stringify(FIELDS));
}
