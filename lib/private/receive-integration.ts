import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';

/**
 * Passes requests of a route to an alias unchanged. CDK's own integration would need a reference to the function, and
 * adds a permission itself.
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
