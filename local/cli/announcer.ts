import { printableLines } from '../../client/commands/printable';
import type { Report } from '../demo/report';
import { escaped } from '../emulator/authorization/terminal';
import type { FunctionCall } from '../emulator/deploy';
import { callLine } from './calls';
import { describeDeployed } from './describe-deployed';
import type { Described } from './described';
import type { Ready } from './ready';

/** The output of `serve` while it runs. */
export interface Announcer {
  ready(described: Described, facts: Ready): void;
  /** Announces a call of a function that has ended. */
  call(call: FunctionCall): void;
  /** Announces a decision, as a line of text. */
  decision(line: string): void;
  stopping(): void;
  stopped(): void;
}

/** Announces everything as text. Calls of triggers are shown below the description, as all others. */
export function textAnnouncer(to: NodeJS.WritableStream, report: Report): Announcer {
  // names of a template or a caller could hold control characters
  const out = { write: (text: string) => to.write(printableLines(text)) };
  const early: FunctionCall[] = [];
  let described: Described | undefined;
  const show = (call: FunctionCall): void => void out.write(`${callLine(call, described?.environment)}\n`);
  return {
    ready: (of) => {
      described = of;
      describeDeployed(of, report, out);
      early.splice(0).forEach(show);
    },
    call: (call) => {
      if (described === undefined) early.push(call);
      else show(call);
    },
    decision: (line) => void out.write(`${line}\n`),
    stopping: () => void out.write('\nStopping.\n'),
    stopped: () => report.end('Stopped.'),
  };
}

/** Announces each event as one line of JSON in ASCII, with its name as the member `event`. */
export function jsonAnnouncer(out: NodeJS.WritableStream): Announcer {
  const write = (event: string, members: object = {}): void =>
    void out.write(`${escaped(JSON.stringify({ event, ...members }))}\n`);
  return {
    ready: (_, facts) => write('ready', facts),
    call: ({ milliseconds, ...call }) => write('call', { ...call, milliseconds: Math.round(milliseconds * 10) / 10 }),
    decision: (text) => write('decision', { allowed: text.startsWith('allow '), text }),
    stopping: () => write('stopping'),
    stopped: () => write('stopped'),
  };
}
