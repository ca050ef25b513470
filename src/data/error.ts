/** One thing that is wrong with the data, told so that the reader can mend it. */
export interface DataIssue {
  /** File, row, option: as near as it is known. */
  readonly where: string;
  readonly found: string;
  readonly expected: string;
  /** What to do about it. */
  readonly fix?: string;
}

/** `data`: the user's files or options are wrong; `environment`: the machine could not read or fetch them. */
export type DataFault = 'data' | 'environment';

const sentence = ({ where, found, expected, fix }: DataIssue): string =>
  `${where}: ${found}; expected ${expected}${fix === undefined ? '' : `; ${fix}`}`;

/** Data that cannot be used, with every problem that was found before giving up. */
export class DataError extends Error {
  override readonly name = 'DataError';
  readonly issues: readonly DataIssue[];
  readonly fault: DataFault;
  constructor(issues: DataIssue | readonly DataIssue[], fault: DataFault = 'data', cause?: unknown) {
    const list: readonly DataIssue[] = 'where' in issues ? [issues] : issues;
    super(list.map(sentence).join('\n'), cause === undefined ? undefined : { cause });
    this.issues = list;
    this.fault = fault;
  }
}

/** Collects problems up to a number that a person still reads; further ones are only counted. */
export interface Issues {
  add(issue: DataIssue): void;
  /** Throws if there is anything. */
  check(): void;
}

export function collectIssues(most = 20): Issues {
  const list: DataIssue[] = [];
  let more = 0;
  return {
    add(issue) {
      if (list.length < most) list.push(issue);
      else more++;
    },
    check() {
      if (list.length === 0) return;
      if (more > 0) list.push({ where: 'and elsewhere', found: `${more} more problems of these kinds`, expected: 'none' });
      throw new DataError(list);
    },
  };
}
