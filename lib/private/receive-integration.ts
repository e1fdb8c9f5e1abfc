import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';

/**
 * Hands requests of a route to an alias, as they are. CDK's own would need a handle on the function, and adds a
 * permission by itself.
 */
export class ReceiveIntegration extends apigateway.HttpRouteIntegration {
  constructor(
    id: string,
    private readonly aliasArn: string,
  ) {
    super(id);
  }

  bind(): apigateway.HttpRouteIntegrationConfig {
    return {
      type: apigateway.HttpIntegrationType.AWS_PROXY,
      uri: this.aliasArn,
      payloadFormatVersion: apigateway.PayloadFormatVersion.VERSION_2_0,
    };
  }
}
