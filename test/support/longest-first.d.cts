interface Suite {
  readonly path: string;
}

declare class LongestFirst {
  static readonly LONGEST: readonly string[];
  sort<T extends Suite>(tests: readonly T[]): T[];
}

export = LongestFirst;
