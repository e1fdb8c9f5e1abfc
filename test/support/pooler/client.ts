import type { Socket } from 'node:net';
import { DatabaseError } from 'pg';
import { type Message, MessageReader, READY_IN_ERROR, errorResponse, statementOf } from './messages';
import type { ServerPool } from './server-pool';

/** Statements that change a session beyond their transaction (Aurora User Guide, "Avoiding pinning an RDS Proxy"). */
const PINS =
  /\b(SET\s+(?!LOCAL)|RESET|DISCARD|DEALLOCATE|PREPARE|LISTEN|LOAD|DECLARE|set_config|nextval|setval|pg_(try_)?advisory|TEMP(ORARY)?\b)/i;

/** A client behind the pooler. It has a connection to the database from a request until the server is ready again. */
export class PooledClient {
  readonly #requests = new MessageReader();
  readonly #responses = new MessageReader();
  #server: Socket | undefined;
  #pending = 0;
  #queue: Promise<void> = Promise.resolve();

  constructor(
    private readonly client: Socket,
    private readonly user: string,
    private readonly pool: ServerPool,
    private readonly pinning: string[],
  ) {}

  start(): void {
    this.client.on('data', (chunk: Buffer) => {
      const messages = this.#requests.read(chunk);
      this.#queue = this.#queue.then(() => this.#forward(messages)).catch(() => this.#end());
    });
    this.client.once('close', () => this.#end());
  }

  async #forward(messages: readonly Message[]): Promise<void> {
    for (const each of messages) {
      if (each.type === 'X') {
        this.#end();
        return;
      }
      this.#note(each);
      const server = this.#server ?? (await this.#borrow());
      if (server === undefined) return;
      if (each.type === 'Q' || each.type === 'S') this.#pending += 1;
      server.write(each.bytes);
    }
  }

  #note(each: Message): void {
    const statement = statementOf(each);
    if (statement === undefined) return;
    if (statement.name !== '' || PINS.test(statement.text)) this.pinning.push(statement.text);
  }

  async #borrow(): Promise<Socket | undefined> {
    try {
      const server = await this.pool.borrow(this.user);
      if (this.client.destroyed) {
        this.pool.release(this.user, server);
        return undefined;
      }
      this.#server = server;
      server.on('data', this.#respond);
      server.once('close', this.#lost);
      return server;
    } catch (error) {
      const code = error instanceof DatabaseError ? (error.code ?? 'XX000') : 'XX000';
      this.client.end(Buffer.concat([errorResponse('FATAL', code, 'no connection to the database'), READY_IN_ERROR]));
      return undefined;
    }
  }

  readonly #respond = (chunk: Buffer): void => {
    this.client.write(chunk);
    for (const { type, bytes } of this.#responses.read(chunk)) {
      if (type !== 'Z') continue;
      this.#pending -= 1;
      if (this.#pending === 0 && bytes.at(5) === 'I'.charCodeAt(0)) this.#giveBack();
    }
  };

  readonly #lost = (): void => {
    this.#server = undefined;
    this.client.destroy();
  };

  #giveBack(): void {
    const server = this.#detach();
    if (server !== undefined) this.pool.release(this.user, server);
  }

  /** A transaction that its client left is rolled back. */
  #end(): void {
    this.#detach()?.destroy();
    this.client.destroy();
  }

  #detach(): Socket | undefined {
    const server = this.#server;
    this.#server = undefined;
    this.#pending = 0;
    server?.off('data', this.#respond).off('close', this.#lost);
    return server;
  }
}
