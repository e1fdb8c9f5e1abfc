import { CALLER_FUNCTIONS } from '../../vault/functions';
import type { Request } from './cell';

/** A column of a table: an important request, under a short title. */
export interface Column {
  readonly title: string;
  readonly request: string;
}

/** The titles of requests. The rest of a name after a prefix, such as the name of one of several keys, joins the title. */
const TITLES: readonly (readonly [title: string, pattern: RegExp])[] = [
  ['wrap', /^kms:GenerateDataKey share key, right$/],
  ['unwrap', /^kms:Decrypt share key, right$/],
  ['intake', /^kms:Decrypt intake key(.*), right$/],
  ['webhook', /^kms:Decrypt webhook key(.*), right$/],
  ['', new RegExp(`^lambda:InvokeFunction ((?:${CALLER_FUNCTIONS.join('|')}):[^$].*)$`)],
  ['$LATEST', /^lambda:InvokeFunction unseal:\$LATEST$/],
  ['token', /^sts:GetWebIdentityToken, right$/],
  ['login', /^rds-db:connect vault_unsealer$/],
  ['secret', /^secretsmanager:GetSecretValue master secret$/],
  ['sign', /^secretsmanager:GetSecretValue signing secret$/],
  ['code', /^lambda:UpdateFunctionCode unseal$/],
  ['policy', /^kms:PutKeyPolicy share key, with the lockout check$/],
  ['role', /^sts:AssumeRole unseal's role$/],
];

/** Returns the columns of a vault: those of its keys, aliases and secrets. */
export function columnsOf(requests: readonly Request[]): readonly Column[] {
  return TITLES.flatMap(([title, pattern]) =>
    requests.flatMap(({ name }) => {
      const match = pattern.exec(name);
      return match === null ? [] : [{ title: `${title}${match[1] ?? ''}`, request: name }];
    }),
  );
}
