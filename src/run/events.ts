import type { HistoryRow, Results, Role } from './record.ts';

/** What a run tells while it goes on; plain data, in order. `--json` prints one a line. */
export type RunEvent =
  /** The recipe is parsed, the data is open. `resumed`: the folder held an unfinished run of the same recipe. */
  | {
      readonly type: 'start';
      readonly name: string;
      readonly directory: string;
      readonly resumed: boolean;
      readonly data: { readonly name: string; readonly train: number; readonly validation: number; readonly test: number };
    }
  /** Something a reader should know; also in the report. */
  | { readonly type: 'note'; readonly text: string }
  /** Work without steps, such as asking the teacher for its outputs; `done` of `total` examples. */
  | { readonly type: 'progress'; readonly what: string; readonly done: number; readonly total: number }
  /** A training begins or goes on. */
  | {
      readonly type: 'job';
      readonly role: Role;
      readonly seed: number;
      readonly model: string;
      readonly parameters: number;
      readonly epochs: number;
      readonly steps: number;
      /** Step it starts from: 0, or where the checkpoint was taken. */
      readonly from: number;
    }
  /** Some steps were taken; losses are means over them. */
  | {
      readonly type: 'steps';
      readonly role: Role;
      readonly seed: number;
      readonly epoch: number;
      readonly step: number;
      readonly examples: number;
      readonly total: number;
      readonly losses: Readonly<Record<string, number>>;
      readonly learningRate: number;
    }
  /** A row of metrics.jsonl. */
  | { readonly type: 'measured'; readonly row: HistoryRow }
  /** A training ended: after its last epoch, or early. */
  | { readonly type: 'trained'; readonly role: Role; readonly seed: number; readonly bestEpoch: number; readonly early: boolean }
  /** All is written. */
  | { readonly type: 'done'; readonly directory: string; readonly results: Results };

export type Emit = (event: RunEvent) => void;
