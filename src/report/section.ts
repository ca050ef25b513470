import type { RunRecord } from '../run/record.ts';
import type { Markup } from './html.ts';

/** A part of the page. */
export interface Section {
  /** Anchor within the page. */
  readonly id: string;
  /** One word for the navigation. */
  readonly name: string;
  readonly title: string;
  /** The content below the title, or null where the run has nothing to show here: the section is then left out. */
  readonly render: (record: RunRecord) => Markup | null;
}
