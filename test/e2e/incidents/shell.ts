import { execFile } from 'node:child_process';
import { appendFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { shellQuote } from '../../../client/commands/shell-quote';
import { commandFile } from '../../support/commands';
import { logFolder } from '../../support/run';
import type { LocalVault } from '../../../local/vault';
import { type AwsLine, printedOf, readAwsLine } from './aws-line';

/** What the shell's commands act on. */
export interface Surroundings {
  readonly vault: LocalVault;
  /** the words of the pages that stand for something of the account */
  readonly facts: ReadonlyMap<string, string>;
  /** Makes a call of AWS. Throws the service's error. */
  call(line: AwsLine): Promise<object>;
  /** Deploys what is next. */
  deploy(): Promise<void>;
}

/** Sends its arguments to the test, and prints the response. */
const RELAY = `const [port, ...words] = process.argv.slice(2);
fetch('http://127.0.0.1:' + port, { method: 'POST', body: JSON.stringify(words) }).then((response) => response.json())
  .then(({ code, stdout, stderr }) => {
    process.stdout.write(stdout);
    process.stderr.write(stderr);
    process.exitCode = code;
  });
`;

interface Printed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A shell with the commands of the runbooks: `share-vault` is the one that ships, in a process of its own. `aws` and
 * `cdk` are run by the test.
 */
export class Shell {
  readonly folder = mkdtempSync(join(tmpdir(), 'incident-'));
  /** the output of the last block */
  printed = '';
  readonly #around: Surroundings;
  #server: Server | undefined;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  async open(): Promise<void> {
    writeFileSync(join(this.folder, 'relay.cjs'), RELAY);
    const server = createServer((request, response) => {
      void text(request)
        .then((body) => this.#run(JSON.parse(body) as string[]))
        .then((printed) => response.end(JSON.stringify(printed)));
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }

  close(): void {
    this.#server?.close();
    this.#server?.closeAllConnections();
  }

  /** Writes a file that a responder has. */
  write(name: string, content: string): void {
    writeFileSync(join(this.folder, name), content, { mode: 0o600 });
  }

  /** Runs a block in bash. Returns all that it prints, and a last line with the exit code if it isn't 0. */
  async run(block: string): Promise<string> {
    const script = `set -eo pipefail\n${this.#commands()}\n${this.filled(block)}`;
    const { vault } = this.#around;
    const { accessKeyId, secretAccessKey, sessionToken } = vault.credentials;
    const env = {
      ...{ PATH: process.env.PATH, HOME: this.folder, TMPDIR: process.env.TMPDIR },
      // the command is started some eighty times
      NODE_COMPILE_CACHE: join(this.folder, 'compiled'),
      ...{ AWS_ENDPOINT_URL: vault.url, AWS_REGION: vault.region, SHARE_VAULT_ENVIRONMENT: 'prod' },
      ...{ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken },
    };
    const output = await new Promise<string>((resolve) => {
      execFile('bash', ['-c', script], { cwd: this.folder, env }, (error, stdout, stderr) => {
        resolve(`${stdout}${stderr}${error === null ? '' : `exit code ${String(error.code)}\n`}`);
      });
    });
    this.printed = output;
    appendFileSync(join(logFolder(), 'incidents.log'), `$ ${block}${output}`);
    return output;
  }

  #commands(): string {
    const { port } = this.#server?.address() as AddressInfo;
    const node = shellQuote(process.execPath);
    const relay = `${node} ${shellQuote(join(this.folder, 'relay.cjs'))} ${port}`;
    return [
      `share-vault() { ${node} ${shellQuote(commandFile('share-vault'))} "$@"; }`,
      `aws() { ${relay} aws "$@"; }`,
      `cdk() { ${relay} cdk "$@"; }`,
      'npx() { shift; "$@"; }',
    ].join('\n');
  }

  /** Replaces the words of the page that stand for something of the account. The drill's environment is the local vault's. */
  filled(block: string): string {
    return block
      .replace(/\bstaging\b/g, 'prod')
      .replace(/\b[A-Z][A-Z_0-9]{2,}\b/g, (word) => this.#around.facts.get(word) ?? word);
  }

  async #run([program, ...words]: readonly string[]): Promise<Printed> {
    try {
      const stdout = program === 'cdk' ? await this.#deploy(words) : await this.#aws(words);
      return { code: 0, stdout, stderr: '' };
    } catch (error) {
      const { name, message } = error as Error;
      const told = `An error occurred (${name}) when calling ${words.slice(0, 2).join(' ')}: ${message}\n`;
      return { code: 254, stdout: '', stderr: told };
    }
  }

  async #deploy(words: readonly string[]): Promise<string> {
    if (words.join(' ') !== 'deploy ShareVault-prod') throw new Error('expected cdk deploy ShareVault-prod');
    await this.#around.deploy();
    return '';
  }

  async #aws(words: readonly string[]): Promise<string> {
    const line = readAwsLine(words, this.folder);
    const response = await this.#around.call(line);
    if (line.outfile !== undefined) {
      this.write(line.outfile, Buffer.from(Reflect.get(response, 'Payload') as Uint8Array).toString());
      return printedOf({ StatusCode: Reflect.get(response, 'StatusCode') as unknown }, line);
    }
    const isEmpty = Object.keys(response).every((name) => name === '$metadata');
    return isEmpty ? '' : printedOf(response, line);
  }
}
