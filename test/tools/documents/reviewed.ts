import type { Page } from './blocks';

/**
 * How a block of shell commands is tested, besides its syntax and the names in it:
 * - `prod`: it is run in a project with the installed packages, as the administrator of a vault `prod`
 * - `checkout`: it is run in a checkout, after the page's blocks before it
 * - `serves`: the same, but it goes on in the background when it has printed this text
 * - a sentence: the reason why it is not run
 */
export type Treatment =
  | { readonly run: 'prod' | 'checkout'; readonly input?: string; readonly prints?: string }
  | { readonly serves: string }
  | string;

const ACCOUNT = 'needs an AWS account';
const GOOGLE = 'needs an AWS account and a project of Google Cloud';
const AZURE = 'needs an AWS account and a subscription of Azure';
const VAULT = 'needs an AWS account and a HashiCorp Vault';
const RESTORED = 'needs a restored database; test/client/commands/recover runs the query and the command';
const CLOUD_KEY =
  'needs a private key in a cloud; test/client/commands/recover-by-data-key.test.ts does it with the local KMS';
const SYNOPSIS = 'names the arguments and options of a command; the page has a complete example';

/** The blocks of shell commands of each page in their order, by their first lines. A block that is not here fails the suite. */
export const SHELL: Readonly<Record<Page, readonly (readonly [name: string, Treatment])[]>> = {
  'README.md': [
    ['npm ci && npm run package', 'installs from a registry; test/tools/packages packs and uses the packages'],
    ['npm install CLONE/dist/packages/*.tgz', 'installs from a registry; test/tools/packages uses the packages'],
    ['npm ci && npm start', '.ci/run runs it'],
  ],
  'docs/local-vault.md': [
    ['npm install CLONE/dist/packages/*.tgz @cloud-copilot/iam-simulate', { serves: 'Ctrl-C stops it' }],
    ['printf my-material | npx --no-install share-vault seal --environment dev --actor backend --wallet wallet-1 --chain EVM --server-key-shares -', { run: 'checkout', prints: 'intact: the access log' }],
    ['npm ci', { serves: 'Ctrl-C stops it' }],
    ['npx --no-install share-vault public-key --environment dev', { run: 'checkout', prints: 'Destroyed' }],
    ['npx --no-install share-vault-local serve --json --ready-file ready.json --dotenv local.env --actor backend', { serves: '"ready"' }],
    ['node --env-file=local.env my-backend.mjs', "runs a program of the reader's"],
    ['npm start -- --keys google,azure,hsm,vault,recovery', 'test/local/vault/elsewhere runs a vault of this template'],
    ['curl -X PUT http://127.0.0.1:PORT/faults/google -d \'{ "fault": "throttled", "times": 3, "path": ":encrypt" }\'', 'test/local/emulator/elsewhere/service-faults.test.ts sends these requests'],
    ['npm start -- --bodies google --keys vault', 'test/local/vault/elsewhere runs a vault of this template'],
    ['AWS_PROFILE=local-vault-ROLE node my-backend.mjs', "runs a program of the reader's"],
    ['echo \'{"action":"records","walletId":"w","chain":"EVM"}\' |', 'needs the aws command; test/local/cli/shell-exports.test.ts runs one like it if it is installed'],
    ['npx --no-install share-vault-local explain ROLE ACTION RESOURCE [--context KEY=VALUE]… [--template FILE | --app DIR] [--data DIR] [--csv | --json]', SYNOPSIS],
    ['npx --no-install share-vault-local explain VaultFunctionsunsealRoleF477841D kms:Decrypt VaultKeysShareKeyD97035D7 \\', { run: 'checkout', prints: 'allow' }],
    ['npx --no-install share-vault-local matrix [--template FILE] [--environment NAME] [--all] [--csv | --json]', SYNOPSIS],
    ['npx --no-install share-vault-local trail --data .local-vault [--follow] [--json]', SYNOPSIS],
    ['npx --no-install cdk synth --quiet', "serves an app of the reader's; test/tools/packages serves the example by --app"],
    ['npx --no-install share-vault-local serve --app cdk.out \\', "serves an app of the reader's; test/local/emulator/deploy/outside-values.test.ts gives a secret"],
  ],
  'docs/client.md': [],
  'docs/deploy.md': [
    ['npm ci', ACCOUNT],
    ['aws signer put-signing-profile --profile-name share_vault --platform-id AWSLambda-SHA384-ECDSA', ACCOUNT],
    ['(cd node_modules/@cdk-share-vault/constructs/dist/lambda/seal && zip -Xqr - .) > seal.zip', ACCOUNT],
    ['aws sns subscribe --topic-arn TOPIC --protocol email --notification-endpoint ADDRESS', ACCOUNT],
    ['aws events disable-rule --name share-vault-prod-LogChanges', ACCOUNT],
    ['npx --no-install share-vault public-key --environment prod --intake > intake-key.pem', { run: 'prod' }],
    ['aws backup update-region-settings --resource-type-opt-in-preference Aurora=true', ACCOUNT],
    ['npx --no-install share-vault doctor --environment prod', { run: 'prod' }],
    ['aws secretsmanager delete-secret --secret-id ARN --force-delete-without-recovery', ACCOUNT],
    ['share-vault tombstones export --environment prod --actor auditor --out tombstones.jsonl', ACCOUNT],
    ["share-vault tombstones replay --environment prod --actor admin --reason 'restore of 2 May'", ACCOUNT],
    ['share-vault tombstones replay --environment prod --actor admin \\', ACCOUNT],
    ['aws backup list-restore-jobs --by-resource-type Aurora --by-status COMPLETED --max-items 5', ACCOUNT],
    ['aws resourcegroupstaggingapi get-resources --tag-filters Key=share-vault:environment,Values=prod', ACCOUNT],
    ["aws cloudformation describe-stacks --stack-name ShareVault-prod --query 'Stacks[0].StackStatus'", ACCOUNT],
    ['aws cloudformation describe-stack-resources --stack-name ShareVault-prod', ACCOUNT],
    ['aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name ShareVault-prod', ACCOUNT],
  ],
  'docs/dynamic.md': [
    ['npx --no-install share-vault public-key --environment prod > webhook-key.pem', { run: 'prod' }],
    ['npx --no-install share-vault webhook-secret --environment prod', { run: 'prod', input: 'a-signing-secret-of-dynamic' }],
    ['npx --no-install share-vault webhook-test --environment prod', { run: 'prod', prints: 'Destroyed' }],
    ['openssl pkcs8 -topk8 -nocrypt -in delegation_private.pem -outform DER -out key.der', ACCOUNT],
  ],
  'docs/freeze.md': [
    ["npx --no-install share-vault freeze --all --reason 'ticket 4711' --environment prod --as oncall", { run: 'prod', prints: 'in force  only this freeze' }],
    ['npx --no-install share-vault freezes --environment prod --as oncall', { run: 'prod', prints: 'ticket 4711' }],
    ["npx --no-install share-vault thaw request 1 --reason 'credentials rotated' --environment prod --as oncall", { run: 'prod', prints: 'thaw requested  freeze 1' }],
    ['npx --no-install share-vault thaw confirm 1 --environment prod --as security', { run: 'prod', prints: 'in force  no freeze' }],
    ['aws kms disable-key --key-id SHARE_KEY --profile emergency-stop', 'test/e2e/incidents.test.ts runs it with the role'],
    ['aws kms enable-key --key-id SHARE_KEY', 'test/e2e/incidents.test.ts runs it'],
  ],
  'docs/keys/google.md': [
    ['PROJECT=wallets-1 LOCATION=europe-west3', GOOGLE],
    ['aws iam enable-outbound-web-identity-federation --query IssuerIdentifier --output text', GOOGLE],
    ['gcloud services enable cloudkms.googleapis.com iam.googleapis.com sts.googleapis.com --project "$PROJECT"', GOOGLE],
    ['gcloud kms keyrings create share-vault --project "$PROJECT" --location "$LOCATION"', GOOGLE],
    ['roles=$(aws cloudformation describe-stacks --stack-name ShareVault-prod \\', GOOGLE],
    ['gcloud iam workload-identity-pools providers create-aws aws-vault --project "$PROJECT" --location global \\', GOOGLE],
  ],
  'docs/keys/azure.md': [
    ['GROUP=share-vault VAULT=wallet-shares', AZURE],
    ['az keyvault create --resource-group "$GROUP" --name "$VAULT" --sku premium \\', AZURE],
    ['SEAL=$(az ad app create --display-name share-vault-seal --query appId --output tsv)', AZURE],
    ['SCOPE=$(az keyvault show --name "$VAULT" --query id --output tsv)', AZURE],
    ['roles=$(aws cloudformation describe-stacks --stack-name ShareVault-prod \\', AZURE],
  ],
  'docs/keys/vault.md': [
    ['vault secrets enable transit', VAULT],
    ['printf \'path "transit/encrypt/share-key" { capabilities = ["update"] }\\n\' | vault policy write share-vault-seal -', VAULT],
    ['aws iam enable-outbound-web-identity-federation', VAULT],
    ['roles=$(aws cloudformation describe-stacks --stack-name ShareVault-prod \\', VAULT],
    ['vault auth enable aws', VAULT],
  ],
  'docs/keys/recovery.md': [
    ['openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -aes256 -out safe-2026.pem', 'test/client/commands/recover-openssl.test.ts runs it'],
    ['openssl pkey -pubin -in safe-2026.pub.pem -outform DER | openssl dgst -sha256 -binary | basenc --base64url | tr -d \'=\'', 'test/client/commands/recover-openssl.test.ts runs it'],
    ['psql --no-psqlrc --quiet --no-align --tuples-only --file row.sql > row.json', RESTORED],
    ['share-vault recover --environment prod --record row.json \\', RESTORED],
    ['umask 077', CLOUD_KEY],
    ['aws kms decrypt --key-id ARN --encryption-algorithm RSAES_OAEP_SHA_256 --ciphertext-blob fileb://wrapped \\', CLOUD_KEY],
    ['gcloud kms asymmetric-decrypt --location LOCATION --keyring RING --key KEY --version VERSION \\', CLOUD_KEY],
    ['az keyvault key decrypt --id KEY_ID --algorithm RSA-OAEP-256 --data-type base64 --value "$(base64 --wrap 0 wrapped)" \\', CLOUD_KEY],
    ['share-vault recover --environment prod --record row.json \\', RESTORED],
  ],
}; // prettier-ignore
