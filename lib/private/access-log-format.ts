import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';

/** Fields of a request that API Gateway logs: no body, no query and no header, since one header is the signature. */
const FIELDS = {
  time: '$context.requestTime',
  requestId: '$context.requestId',
  // the response and the function's own log have this id too: it leads from one log to the other
  functionRequestId: '$context.awsEndpointRequestId',
  sourceIp: '$context.identity.sourceIp',
  route: '$context.routeKey',
  status: '$context.status',
  responseLength: '$context.responseLength',
  latency: '$context.responseLatency',
  integrationStatus: '$context.integrationStatus',
  integrationLatency: '$context.integrationLatency',
  // the reason why a request got no response from the handler: throttled, not allowed to invoke, timed out, crashed
  error: '$context.error.message',
  integrationError: '$context.integrationErrorMessage',
} as const;

/** Returns the format: one line of JSON for each request. */
export function accessLogFormat(): AccessLogFormat {
  return AccessLogFormat.custom(JSON.stringify(FIELDS));
}
