/** Returns a template with one function that runs this source, its role, and further resources. */
export function functionTemplate(source: string, more: object = {}): string {
  const statement = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const Role = {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: 'mine',
      AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [statement] },
    },
  };
  const Function = {
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: 'mine',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
      Code: { ZipFile: source },
    },
  };
  return JSON.stringify({ Resources: { Role, Function, ...more } });
}
