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
 * Returns true if AWS has a condition operator of this name. The simulator never matches a statement with an unknown
 * operator, so a mistyped deny would deny nothing.
 */
export function isOperator(operator: string): boolean {
  return operator.toLowerCase() === 'null' || KNOWN.test(operator);
}
