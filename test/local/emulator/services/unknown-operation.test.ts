import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CloudWatchClient, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { LambdaClient, ListLayersCommand } from '@aws-sdk/client-lambda';
import { DescribeDBClustersCommand, RDSClient } from '@aws-sdk/client-rds';
import { type AwsServer, startAwsServer } from '../../../../local/emulator/services';
import { createSts } from '../../../../local/emulator/services/sts';

let server: AwsServer;
beforeAll(async () => {
  server = await startAwsServer({ services: [createSts(() => undefined)] });
});
afterAll(() => server.close());

const config = () => ({
  ...{ endpoint: server.url, region: 'us-east-1', maxAttempts: 1 },
  credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'an example' },
});

test.each([
  ['query', 'DescribeDBClusters of rds', () => new RDSClient(config()).send(new DescribeDBClustersCommand({}))],
  ['AWS JSON', 'ListTables of dynamodb', () => new DynamoDBClient(config()).send(new ListTablesCommand({}))],
  ['REST JSON', 'GET /2018-10-31/layers of lambda', () => new LambdaClient(config()).send(new ListLayersCommand({}))],
  ['CBOR', 'of monitoring', () => new CloudWatchClient(config()).send(new ListMetricsCommand({}))],
])('an SDK of the %s protocol reads that an operation is unknown here', async (_, named, call) => {
  await expect(call()).rejects.toMatchObject({
    name: expect.stringMatching(/^(UnknownOperationException|InvalidAction)$/),
    message: expect.stringContaining(named),
    $metadata: { httpStatusCode: 404 },
  });
});

test('an operation of S3 gets an error in XML', async () => {
  const scope = 'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261130/us-east-1/s3/aws4_request';
  const response = await fetch(`${server.url}/bucket?secret=value`, { headers: { authorization: scope } });

  const text = await response.text();
  expect(text).toContain('<Message>no such operation: GET /bucket of s3');
  expect(text).not.toContain('secret');
});
