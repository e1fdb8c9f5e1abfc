import { type AwsLine, readAwsLine } from '../../e2e/incidents/aws-line';
import { commandsOf } from './commands';

/** Words of the shell that a command may follow. */
const BEFORE = ['do', 'if', 'then', 'until', 'while'];

/** Returns the calls that the lines `aws SERVICE OPERATION …` of a block make. Throws for one that doesn't exist. */
export function awsLinesOf(block: string): readonly AwsLine[] {
  // no file is read: a block before this one writes it
  return commandsOf(block.replace(/ > [^\s;]+/g, '').replaceAll('file://', 'file:'))
    .map((words) => (BEFORE.includes(words[0] ?? '') ? words.slice(1) : words))
    .filter(([program]) => program === 'aws')
    .map(([, ...words]) => readAwsLine(words, '.'));
}
