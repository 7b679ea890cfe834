import { type Column, layOut } from './columns.js';
import type { TableLook } from './segments-table.js';

/** The lines of a table whose first row are dim headings, fitted to a terminal, or (null) as wide as it becomes. */
export function layOutTable(columns: readonly Column[], look: TableLook | null): string[] {
  if (look === null) return layOut(columns, { width: null, ellipsis: '' });
  const dim = (text: string, row: number) => (row === 0 ? look.paint('dim', text) : text);
  return layOut(
    columns.map((column) => ({ ...column, paint: dim })),
    { width: look.width, ellipsis: look.glyphs.ellipsis },
  );
}
