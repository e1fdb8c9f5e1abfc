import type { WriteStream } from 'node:tty';
import { WIDTH } from './render';

const ERASE_LINE = '\r\u001b[2K';

/** One line that is overwritten. */
export interface ProgressLine {
  show(text: string): void;
  /** Erases the line, so that other output can take its place. */
  erase(): void;
}

/** Returns the progress line of a terminal, `undefined` for a stream that is none. */
export function progressLine(stream: Pick<WriteStream, 'isTTY' | 'write'>): ProgressLine | undefined {
  if (!stream.isTTY) return undefined;
  return {
    show: (text) => void stream.write(`${ERASE_LINE}${text.slice(0, WIDTH)}`),
    erase: () => void stream.write(ERASE_LINE),
  };
}
