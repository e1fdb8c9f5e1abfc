/** Mutants that the allow-list lets pass, by an expression for their place, and why they do no harm. */
export const HARMLESS: readonly { readonly at: string; readonly why: string }[] = [
  { at: 'Tags.*', why: 'tags of other names than share-vault:* are for the owner to choose' },
  { at: 'DependsOn: a further element$', why: 'waiting for something outside the vault only orders the deploy' },
  { at: '\\.AvailabilityZone\\.Fn::Select\\.0: \\d$', why: 'any zone will do that no other subnet is in' },
  { at: '\\.ServerlessV2ScalingConfiguration\\.\\w+: [\\d.]+$', why: 'capacity is for the owner to choose' },
  {
    at: '/Reader\\d+/Resource Properties\\.PromotionTier: \\d+$',
    why: 'which reader takes over first is of no weight',
  },
  {
    at: '^Network/Endpoint-\\w+/Resource Properties\\.SubnetIds\\.\\d: removed$',
    why: 'outside prod an endpoint may be in one zone',
  },
  {
    at: '^Watch/Alarms/vault-OldMaterial/Resource Properties\\.Threshold: \\d+$',
    why: "the check alarmsMeasureTheVault compares it with the period of the key's rotation",
  },
  {
    at: '\\.ReservedConcurrentExecutions: [1-9]\\d*$',
    why: 'the reserved concurrency is for the owner to choose; 0, which stops a function, is no such number',
  },
  {
    at: '\\.Throttling(Rate|Burst)Limit: \\d+$',
    why: "throttling is for the owner to choose within the service's bounds",
  },
];

/** Returns why a surviving mutant is harmless, undefined if no reason is listed. */
export function harmlessness(mutant: string): string | undefined {
  return HARMLESS.find(({ at }) => new RegExp(at).test(mutant))?.why;
}
