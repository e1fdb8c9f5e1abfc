import { type Server, type Socket, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

interface Value {
  readonly text: string;
  readonly expiresAt: number;
}

/**
 * A server on loopback with the part of Redis's protocol (RESP3) that a cache needs: HELLO, GET, and SET with PX. Like Redis, it
 * refuses other commands.
 */
export class RespServer {
  readonly values = new Map<string, Value>();
  /** commands that arrived, without those of the connection */
  readonly commands: (readonly string[])[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      let received = Buffer.alloc(0);
      socket.on('error', () => socket.destroy());
      socket.on('data', (chunk) => {
        received = Buffer.concat([received, chunk]);
        for (let command = readCommand(received); command !== undefined; command = readCommand(received)) {
          received = received.subarray(command.length);
          socket.write(this.#respond(command.words));
        }
      });
    });
  }

  static async start(): Promise<RespServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new RespServer(server);
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `redis://127.0.0.1:${port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #respond(words: readonly string[]): string {
    const [name = '', key = '', text = '', option, milliseconds] = words;
    if (name === 'HELLO') return '%2\r\n+server\r\n+redis\r\n+proto\r\n:3\r\n';
    if (name === 'GET' || name === 'SET') this.commands.push(words);
    if (name === 'GET') return bulk(this.#get(key));
    if (name !== 'SET' || option !== 'PX') return '-ERR unknown command\r\n';
    this.values.set(key, { text, expiresAt: performance.now() + Number(milliseconds) });
    return '+OK\r\n';
  }

  #get(key: string): string | undefined {
    const value = this.values.get(key);
    return value !== undefined && value.expiresAt > performance.now() ? value.text : undefined;
  }
}

function bulk(text: string | undefined): string {
  return text === undefined ? '_\r\n' : `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
}

/** Returns the first command of these bytes, an array of bulk strings, and its length. Undefined if it is incomplete. */
function readCommand(bytes: Buffer): { readonly words: readonly string[]; readonly length: number } | undefined {
  let at = 0;
  const line = (): string | undefined => {
    const end = bytes.indexOf('\r\n', at);
    if (end < 0) return undefined;
    const text = bytes.toString('utf8', at, end);
    at = end + 2;
    return text;
  };
  const count = line();
  if (count === undefined) return undefined;
  const words: string[] = [];
  while (words.length < Number(count.slice(1))) {
    const length = Number(line()?.slice(1));
    const end = at + length;
    if (Number.isNaN(length) || bytes.length < end + 2) return undefined;
    words.push(bytes.toString('utf8', at, end));
    at = end + 2;
  }
  return { words, length: at };
}
