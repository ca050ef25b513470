import { type Confusion, confusionLevels } from '../confusion.ts';
import type { Markup } from '../html.ts';
import type { RoleStyle } from '../roles.ts';
import { shadeMap } from './shade-map.ts';

/** A confusion matrix too large for numbers. */
export function confusionMap(role: RoleStyle, { cells }: Confusion): Markup {
  const says = `${role.label}: confusion of ${cells.length} classes in ${confusionLevels} shades; the table beside it names the largest mistakes`;
  const shaded = cells.map((row) =>
    row.map(({ level, right }) => ({ shade: level === 0 ? null : `${right ? 'right' : 'wrong'} l${level}` })),
  );
  return shadeMap(says, role.colour, shaded);
}
