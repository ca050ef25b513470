import { readBytes } from '../bytes.ts';
import { DataError } from '../error.ts';

/** Columns of a Parquet file and the rows of those that were asked for. */
export interface ParquetContent {
  readonly header: readonly string[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** Reads a Parquet file in any of its compressions; only the columns that `pick` chooses of its header. Throws `DataError`. */
export async function readParquet(
  path: string,
  maxBytes: number,
  pick: (header: readonly string[]) => readonly string[],
): Promise<ParquetContent> {
  const bytes = await readBytes(path, maxBytes);
  // Loaded where they are needed, for the memory that they take.
  const { parquetMetadata, parquetReadObjects, parquetSchema } = await import('hyparquet');
  const { compressors } = await import('hyparquet-compressors');
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  try {
    const metadata = parquetMetadata(file);
    const size = metadata.row_groups.reduce(
      (sum, group) => group.columns.reduce((n, c) => n + Number(c.meta_data?.total_uncompressed_size ?? 0), sum),
      0,
    );
    const rowCount = Number(metadata.num_rows);
    if (!(size <= maxBytes) || !(rowCount <= maxBytes)) {
      throw new DataError({
        where: path,
        found: `${rowCount} rows of ${size} bytes in all`,
        expected: `at most ${maxBytes} bytes`,
        fix: 'split the file',
      });
    }
    const header = parquetSchema(metadata).children.map(({ element }) => element.name as string | undefined);
    if (!header.every((name) => typeof name === 'string')) throw new Error('a column without a name');
    const columns = [...new Set(pick(header))];
    const rows = columns.length === 0 ? [] : await parquetReadObjects({ file, metadata, columns, compressors });
    return { header, rows };
  } catch (error) {
    if (error instanceof DataError) throw error;
    const found = error instanceof Error ? error.message : String(error);
    throw new DataError({ where: path, found, expected: 'a Parquet file', fix: 'fetch or write it again' }, 'data', error);
  }
}
