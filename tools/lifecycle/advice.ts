/** Advice to read before a change of a prop with lasting effects, by the prop. */
export const ADVICE: Readonly<Record<string, string>> = {
  id: 'Keep the ids of the vault, of its stack and of everything between them. A deploy under other ids is refused, because the names of the vault are taken: nothing changes.',
  addActor:
    'Remove the permission to invoke an actor from its callers first, then the actor: its callers get errors as soon as its aliases are gone. A consumer that looks the actor up by `ShareVault.fromLookup` can no longer be deployed.',
  environment:
    'Fixed after the first deploy: the name is bound into every record. For another name, deploy a vault of that name in a stack of its own and seal the material again.',
  shareKey:
    'To replace a share key once the vault has records, follow [rotation.md](rotation.md#replace-a-share-key): three deploys and a reseal. As long as a record is sealed under the former key, the migration refuses a deploy without that key and the deploy is rolled back. That is so for an `ExternalKey`, too. The key that is left behind is needed as long as any backup with a record under it.',
  retiringShareKeys:
    'Only in the order of [rotation.md](rotation.md#replace-a-share-key): a key opens records before it seals them, and trades places with `shareKey` in a deploy of its own. A key that is taken out remains in KMS; `share-vault keys retire` says when it may be deleted.',
  intakeKeyIds:
    'To rotate, add a name, move the senders, then remove the old name. The removed key stays in KMS and no function uses it. If the name is put back, it means a new key: senders have to fetch its public key again. When nothing that was encrypted to the old key is under way any more, delete it: `aws kms schedule-key-deletion --key-id ARN --pending-window-in-days 30`.',
  webhookKeyIds:
    'As for intake keys: add a name, give Dynamic the new public key, wait a day for the deliveries that are still retried, then remove the old name.',
  webhook:
    'Taking the webhook out deletes its API and with it the URL: a new one has another URL, which has to be registered at Dynamic again. The signing secret is left behind under the name that the same stack would give a new one, so putting the webhook back fails until the secret is deleted (`aws secretsmanager delete-secret --secret-id ARN --force-delete-without-recovery`, which can not be undone) or imported (`cdk import`). A new secret is empty: fill it, or deliveries are answered 503.',
  'webhook.privateKeys':
    'Before you remove a secret, move Dynamic to another key and wait a day for the deliveries that are still retried. The secret is yours: the vault only stops reading it.',
  alarmTopic:
    "With the vault's own topic, its subscriptions are deleted as well. Subscribe to the other topic before the deploy.",
  tombstones:
    'Taking the option out leaves the bucket behind with its tombstones, and deletes its policy: from then on an administrator can add delete markers, but delete no version before its retention ends. A bucket that is given again is a new one; the next migration brings only later tombstones there, so export a list first.',
  restoreTesting:
    'Taking the option out deletes the state machine that would delete the instance of a test that runs. Wait for its end, or delete the instance `awsbackup-restore-test-…` by hand. The canaries stay in the database, and the logs of the function are left behind.',
  removalPolicy:
    'DESTROY lifts the deletion protection of the database and deletes every key with the stack. The change itself deletes the guard that a failed first deploy needs, and neither a key nor data. If it was a mistake, change it back before anything else.',
  minCapacity: '`prod` refuses 0, by which the database pauses.',
  readers:
    'A reader that is removed is deleted: it holds no data of its own. If it has taken over as the writer, another instance takes over first, which interrupts the vault for about half a minute. Deleting the stack deletes all readers, and retains the writer with the database.',
  engineVersion:
    'A newer minor version is installed in place. A newer major version as well, which takes minutes without a database: test it on a restored copy, and take a snapshot before. There is no way back: RDS refuses an older version, so restore the snapshot instead. The parameter group of the former major version is left behind; delete it when nothing uses it: `aws rds delete-db-cluster-parameter-group --db-cluster-parameter-group-name NAME`.',
  clusterIdentifier:
    "Fixed after the first deploy: another name would mean an empty database. To put a restored database behind the vault, give it the former one's name and change `restoreToken`.",
  vpc: 'Fixed after the first deploy: RDS does not move a cluster to another VPC. Restore a backup into a new vault instead.',
  availabilityZones:
    'Fixed after the first deploy: EC2 refuses subnets over the ranges of those that exist. Only naming the zones that are in use, in the same order, changes nothing.',
  cidr: 'Fixed after the first deploy, like `vpc`: another range means another VPC.',
  endpoints:
    'Before you take the endpoints out, make sure that the functions reach KMS and Secrets Manager in another way: calls fail as soon as the endpoints are gone.',
  endpointZones:
    '`prod` insists on two zones. With a way out of the network, a zone less deletes subnets of functions: see `egress`.',
  consumerEndpoint:
    'Before you take the endpoint out, make sure that consumers inside the network reach Lambda in another way.',
  otherKeys:
    'New records are wrapped to the keys of the list, earlier ones are not. A removed key is needed as long as a record that only it can open is wanted; the vault deletes no key outside AWS.',
  recoveryKeys:
    'A deploy whose list differs from the deployed one fails and is rolled back unless it has `recoveryKeysChange` of the new list. To remove the last key, state the empty list. A removed key still opens the records that were sealed while it was in the list.',
  bodyStore:
    'A store can be given later: earlier records keep their bodies in the database, and stay readable. The migration refuses a deploy that takes it out or exchanges it while it has the body of a record, before anything is changed: bodies are not moved. Once no record has a body there, it may change; its entries remain.',
  egress:
    'The database, its subnets and the functions without keys or stores outside AWS stay where they are; those with them move to subnets of their own. The way can be taken out only together with these keys and stores. The logs of a firewall are left behind. Lambda gives back its network interfaces up to an hour late, and EC2 deletes no subnet or security group that has one: if the clean-up of a deploy without the way ends with `DELETE_FAILED` of such a resource, the deploy itself succeeded, and you delete the resource once it has no interface _(unverified: step 28)_.',
};

/** Effects of props that change in place which no template shows, by the prop. */
export const UNLISTED_EFFECTS: Readonly<Record<string, string>> = {
  restoreToken:
    "every function is published again, its policies follow the database that now has the cluster's name, and the migration freezes that database, also if the text is taken out. Change it only after such a database was put there, to a text that was never used.",
  vpcSubnets:
    'RDS takes a subnet out of its group only if no instance uses it, and otherwise refuses the deploy, which is then rolled back _(unverified: step 20)_.',
  accessLog:
    'a shorter retention moves all older months from the database to the bucket at the next sweeps, for good: they do not come back with a longer one. Taking the option out ends this and leaves archives in the bucket, for its retention at least; `BucketPolicy` then refuses further ones. It also shortens the default retention of later objects to that of `tombstones`.',
  maxCapacity:
    'the functions reserve by the new number of connections at once, but an instance has it only after a reboot: [connections.md](connections.md#change-the-capacity).',
  reserveConcurrency:
    "what the account's quota does not allow is refused by Lambda, and the deploy is rolled back: [connections.md](connections.md#reserved-concurrency).",
  reservedConcurrency:
    "a number that the account's limit does not allow is refused by Lambda, and the deploy is rolled back.",
};
