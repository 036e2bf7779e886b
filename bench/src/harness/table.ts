/** Columns as wide as their widest cell: the first to the left, figures to the right when asked for. */
export function table(rows: readonly (readonly string[])[], align: 'left' | 'figures' = 'left'): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0
        return align === 'figures' && column > 0 ? cell.padStart(width) : cell.padEnd(width)
      })
      .join('  ')
      .trimEnd(),
  )
}
