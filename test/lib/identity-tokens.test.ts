import { describe, expect, test } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { networkIn } from '../support/network';
import { valuesOf } from '../support/resources';
import { statementsOf } from '../support/statements';
import { testStack } from '../support/synth';

const SEAL = 'arn:aws:iam::111111111111:role/seal';
const AUDIENCE = 'api://AzureADTokenExchange';

describe('a network whose functions get web identity tokens', () => {
  test('has an endpoint for STS beside the two others', () => {
    const template = networkIn(testStack(), { identityTokens: true }).template();

    expect(JSON.stringify(valuesOf(template, 'AWS::EC2::VPCEndpoint', 'ServiceName'))).toMatch(
      /\.kms.*\.secretsmanager.*\.sts/,
    );
    template.allResourcesProperties('AWS::EC2::VPCEndpoint', { PrivateDnsEnabled: true });
  });

  test('lets the functions reach the endpoint for STS, and no other address', () => {
    const template = networkIn(testStack(), { identityTokens: true }).template();

    expect(valuesOf(template, 'AWS::EC2::SecurityGroupEgress', 'FromPort')).toEqual([443, 443, 443]);
    expect(valuesOf(template, 'AWS::EC2::SecurityGroupEgress', 'CidrIp')).toEqual([undefined, undefined, undefined]);
  });

  test('passes short tokens of one role for its own audiences only', () => {
    const { made, template } = networkIn(testStack(), { identityTokens: true });

    made._allowIdentityTokens([SEAL], [AUDIENCE]);

    expect(statementsOf(template(), 'AWS::EC2::VPCEndpoint', 'NetworkEndpointsts')).toEqual([
      expect.objectContaining({ Effect: 'Deny' }),
      {
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: 'sts:GetWebIdentityToken',
        Resource: '*',
        Condition: {
          ArnEquals: { 'aws:PrincipalArn': [SEAL] },
          'ForAllValues:StringEquals': { 'sts:IdentityTokenAudience': [AUDIENCE] },
          Null: { 'sts:IdentityTokenAudience': 'false' },
          NumericLessThanEquals: { 'sts:DurationSeconds': '300' },
          StringEquals: { 'sts:SigningAlgorithm': 'RS256' },
        },
      },
    ]);
  });

  test('passes no token for two audiences of one role at once', () => {
    const { made, template } = networkIn(testStack(), { identityTokens: true });

    made._allowIdentityTokens([SEAL], [AUDIENCE, 'https://vault.example']);

    expect(
      statementsOf(template(), 'AWS::EC2::VPCEndpoint', 'NetworkEndpointsts').flatMap(
        ({ Condition }) => Condition?.['ForAllValues:StringEquals'] ?? [],
      ),
    ).toEqual([
      { 'sts:IdentityTokenAudience': [AUDIENCE] },
      { 'sts:IdentityTokenAudience': ['https://vault.example'] },
    ]);
  });

  test('in a network that exists, with endpoints, tells the functions the address of STS', () => {
    const stack = testStack();
    const { made, template } = networkIn(stack, {
      vpc: new ec2.Vpc(stack, 'Shared'),
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      endpoints: true,
      identityTokens: true,
    });

    template().hasResourceProperties('AWS::EC2::VPCEndpoint', {
      PrivateDnsEnabled: false,
      ServiceName: { 'Fn::Join': ['', Match.arrayWith(['.sts'])] },
    });
    expect(Object.keys(made.endpointVariables)).toContain('AWS_ENDPOINT_URL_STS');
  });

  test('in a network that exists, without endpoints, gets none: the network has its own way to STS', () => {
    const stack = testStack();
    const { made, template } = networkIn(stack, { vpc: new ec2.Vpc(stack, 'Shared'), identityTokens: true });

    made._allowIdentityTokens([SEAL], [AUDIENCE]);

    template().resourceCountIs('AWS::EC2::VPCEndpoint', 0);
  });
});

describe('a network whose functions get no web identity tokens', () => {
  test('has no endpoint for STS, and ignores what would pass it', () => {
    const { made, template } = networkIn(testStack());

    made._allowIdentityTokens([SEAL], [AUDIENCE]);

    expect(JSON.stringify(valuesOf(template(), 'AWS::EC2::VPCEndpoint', 'ServiceName'))).not.toContain('.sts');
  });
});
