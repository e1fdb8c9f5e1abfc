import type { Table } from './table';

/** A subject of `npm run bench`, in a file of its own, listed in `bench/subjects.ts`. */
export interface Bench {
  /** how the command line names it */
  readonly name: string;
  readonly run: (settings: Settings) => Promise<readonly Table[]>;
}

export interface Settings {
  /** fewer rounds and sizes: the subjects of a quick run together end within two minutes */
  readonly quick: boolean;
  /** overwrites the progress line of a terminal; does nothing elsewhere */
  readonly progress: (text: string) => void;
}
