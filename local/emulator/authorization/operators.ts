const BASES: readonly string[] = [
  ...['String', 'Numeric', 'Date', 'Arn'].flatMap((type) => [`${type}Equals`, `${type}NotEquals`]),
  ...['StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase', 'StringLike', 'StringNotLike', 'ArnLike', 'ArnNotLike'],
  ...['Numeric', 'Date'].flatMap((type) =>
    ['LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'].map((comparison) => `${type}${comparison}`),
  ),
  ...['Bool', 'BinaryEquals', 'IpAddress', 'NotIpAddress'],
];

const KNOWN = new RegExp(`^((ForAllValues|ForAnyValue):)?(${BASES.join('|')})(IfExists)?$`, 'i');

/**
 * Whether AWS knows a condition operator. A simulator that doesn't know one lets the statement not match, so that a
 * mistyped deny would deny nothing.
 */
export function isOperator(operator: string): boolean {
  return operator.toLowerCase() === 'null' || KNOWN.test(operator);
}
