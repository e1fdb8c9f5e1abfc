import type { Socket } from 'node:net';
import { Client, type ClientConfig } from 'pg';

/** How to log in to the database. */
export interface ServerLogin extends ClientConfig {
  readonly user: string;
  readonly password: string;
}

/** The connections to the database, of each user up to a number. */
export class ServerPool {
  readonly #idle = new Map<string, Socket[]>();
  readonly #open = new Map<string, Set<Socket>>();
  readonly #connecting = new Map<string, number>();
  readonly #waiting: { readonly user: string; readonly take: (server: Socket) => void }[] = [];

  constructor(
    private readonly login: (user: string) => Promise<ServerLogin>,
    private readonly max: number,
    private readonly timeoutMs: number,
  ) {}

  get size(): number {
    return [...this.#open.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Returns a connection that nobody else has. Rejects if none is free in time, or with the server's refusal. */
  async borrow(user: string): Promise<Socket> {
    const idle = this.#idle.get(user)?.pop();
    if (idle !== undefined) return idle;
    const open = this.#openOf(user);
    if (open.size + this.#connectingOf(user) < this.max) return this.#countConnecting(user, this.#connect(user, open));
    return new Promise((resolve, reject) => {
      const waiting = { user, take: resolve };
      this.#waiting.push(waiting);
      setTimeout(() => {
        const at = this.#waiting.indexOf(waiting);
        if (at < 0) return;
        this.#waiting.splice(at, 1);
        reject(new Error('expected a free connection in time, got none'));
      }, this.timeoutMs).unref();
    });
  }

  /** Takes a connection back, outside a transaction. */
  release(user: string, server: Socket): void {
    const at = this.#waiting.findIndex((waiting) => waiting.user === user);
    const [next] = at < 0 ? [] : this.#waiting.splice(at, 1);
    if (next !== undefined) next.take(server);
    else this.#idle.set(user, [...(this.#idle.get(user) ?? []), server]);
  }

  async close(): Promise<void> {
    const all = [...this.#open.values()].flatMap((open) => [...open]);
    await Promise.all(all.map((socket) => new Promise((resolve) => socket.once('close', resolve).destroy())));
  }

  #openOf(user: string): Set<Socket> {
    const open = this.#open.get(user) ?? new Set();
    this.#open.set(user, open);
    return open;
  }

  #connectingOf(user: string): number {
    return this.#connecting.get(user) ?? 0;
  }

  async #countConnecting(user: string, connecting: Promise<Socket>): Promise<Socket> {
    this.#connecting.set(user, this.#connectingOf(user) + 1);
    try {
      return await connecting;
    } finally {
      this.#connecting.set(user, this.#connectingOf(user) - 1);
    }
  }

  async #connect(user: string, open: Set<Socket>): Promise<Socket> {
    const client = new Client(await this.login(user));
    client.on('error', () => undefined);
    await client.connect();
    const { stream } = (client as unknown as { readonly connection: { readonly stream: Socket } }).connection;
    // from now on the bytes are those of a pooler's client
    for (const event of ['data', 'error', 'end', 'close']) stream.removeAllListeners(event);
    stream.on('error', () => undefined);
    open.add(stream);
    stream.once('close', () => {
      open.delete(stream);
      this.#idle.set(
        user,
        (this.#idle.get(user) ?? []).filter((idle) => idle !== stream),
      );
    });
    return stream;
  }
}
