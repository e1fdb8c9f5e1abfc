import { shellQuote } from '../../client/commands/shell-quote';

/**
 * Returns a command that invokes a function with JSON, for the `aws` command of both versions: version 2 reads an inline
 * payload as base64 unless it gets an option that version 1 doesn't know, but both read a file's bytes (`fileb://`). A
 * pipe can be opened as `/dev/stdout`, what else standard output is may not.
 *
 * @param payload JSON
 */
export function invokeExample(name: string, qualifier: string | undefined, payload: string): string {
  const chosen = qualifier === undefined ? '' : ` --qualifier ${shellQuote(qualifier)}`;
  return [
    `echo ${shellQuote(payload)} |`,
    `aws lambda invoke --function-name ${shellQuote(name)}${chosen} --payload fileb:///dev/stdin /dev/stdout`,
    '| cat',
  ].join(' ');
}
