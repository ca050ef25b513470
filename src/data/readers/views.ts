import { collectIssues, DataError, type Issues } from '../error.ts';
import { type ColumnRef, distinctNames } from './columns.ts';
import type { Cell, Table } from './table.ts';

/** Several tables about the same rows as one. */
export interface JoinedViews {
  /** Columns are called `view.column`; that of the class is the last one and has its own name. */
  readonly table: Table;
  /** Position of the column of the class. */
  readonly label: number | undefined;
}

/** A view and where its column of the class is; null where it has none. */
interface View {
  readonly name: string;
  readonly table: Table;
  readonly label: number | null;
}

/**
 * Joins tables whose row i is about the same thing in all of them.
 *
 * @param label The column of the class, looked for in every view, by name or position, or `view.column` for one view. Where several
 *   views have it, they have to agree in every row, and it is taken once.
 * @throws DataError for unequal numbers of rows, a class that no view has, and classes that differ.
 */
export function joinViews(tables: Readonly<Record<string, Table>>, label: ColumnRef | undefined): JoinedViews {
  const views = Object.entries(tables).map(([name, table]): View => ({ name, table, label: labelIn(name, table, label) }));
  const issues = collectIssues();
  checkRows(views, issues);
  if (label !== undefined && views.every((v) => v.label === null)) {
    issues.add({
      where: 'data.label',
      found: `no view has a column ${typeof label === 'number' ? label : `'${label}'`}`,
      expected: 'a column of at least one view, by name or position, or `view.column`',
      fix: `the views have the columns ${views.map((v) => `${v.name}: ${listed(v.table.header)}`).join('; ')}`,
    });
  }
  issues.check();
  const labelled = views.flatMap(({ label, ...view }) => (label === null ? [] : [{ ...view, label }]));
  for (const view of labelled.slice(1)) checkClasses(labelled[0]!, view, issues);
  issues.check();
  const first = labelled[0];
  const columns = views.map(({ table, label }) => table.header.flatMap((_, c) => (c === label ? [] : [c])));
  const name = views.map((v) => v.name).join(' + ');
  const header = views.flatMap((v, i) => {
    const names = distinctNames(columns[i]!.map((c) => v.table.header[c]!));
    return names.map((column) => `${v.name}.${column}`);
  });
  return {
    table: {
      name,
      header: first ? [...header, first.table.header[first.label]!] : header,
      rows: views[0]!.table.rows.map((_, row) => {
        const cells = views.flatMap(({ table }, i) => columns[i]!.map((c) => table.rows[row]![c]!));
        return first ? [...cells, first.table.rows[row]![first.label]!] : cells;
      }),
      where: (row) => `${views[0]!.table.where(row)} and the same row of ${name}`,
    },
    label: first && header.length,
  };
}

const listed = (header: readonly string[]): string =>
  header.length <= 6 ? header.join(', ') : `${header.slice(0, 5).join(', ')} and ${header.length - 5} more`;

/** Where the class is in a view; null if it is not there. */
function labelIn(name: string, { header }: Table, label: ColumnRef | undefined): number | null {
  if (label === undefined) return null;
  if (typeof label === 'number') {
    const at = label < 0 ? header.length + label : label;
    return at >= 0 && at < header.length ? at : null;
  }
  const found = [header.indexOf(label), header.findIndex((column) => `${name}.${column}` === label)];
  return found.find((at) => at >= 0) ?? null;
}

function checkRows(views: readonly View[], issues: Issues): void {
  const [first, ...others] = views as readonly [View, ...View[]];
  for (const { table } of views) {
    const at = table.rows.findIndex((cells) => cells.length !== table.header.length);
    if (at < 0) continue;
    issues.add({
      where: table.where(at),
      found: `${table.rows[at]!.length} cells`,
      expected: `${table.header.length}, one a column`,
      fix: 'check the delimiter and the quotes',
    });
  }
  for (const { name, table } of others) {
    if (table.rows.length === first.table.rows.length) continue;
    issues.add({
      where: `data.views.${name}`,
      found: `${table.rows.length} rows in ${table.name}`,
      expected: `${first.table.rows.length}, as many as in ${first.table.name}: row i of every view is the same example`,
      fix: 'bring files of the same examples in the same order',
    });
  }
}

function checkClasses(a: View & { readonly label: number }, b: View & { readonly label: number }, issues: Issues): void {
  const of = ({ table, label }: typeof a, row: number): Cell => table.rows[row]![label]!;
  const at = a.table.rows.findIndex((_, row) => String(of(a, row)).trim() !== String(of(b, row)).trim());
  if (at < 0) return;
  issues.add({
    where: `${b.table.where(at)}, column '${b.table.header[b.label]}'`,
    found: `class '${of(b, at)}'`,
    expected: `'${of(a, at)}' as in ${a.table.where(at)}: row i of every view is the same example`,
    fix: 'bring files of the same examples in the same order, or name the class of one view with `label: view.column`',
  });
}

/** @throws DataError unless exactly one of the two is told. */
export function checkOneWay(path: string | undefined, views: object | undefined): void {
  if ((path === undefined) !== (views === undefined)) return;
  throw new DataError({
    where: 'data',
    found: path === undefined ? 'neither `path` nor `views`' : 'both `path` and `views`',
    expected: 'one of them',
    fix: '`path` is one table, `views` are several about the same rows',
  });
}
