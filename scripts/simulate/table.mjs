/**
 * Rows of text as a table: the first column to the left, the others to the right. The first row is the header.
 *
 * @param {readonly (readonly string[])[]} rows
 * @returns {string[]}
 */
export function table(rows) {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  const line = (/** @type {readonly string[]} */ row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
  const [header = [], ...body] = rows
  return [line(header), widths.map((width) => '─'.repeat(width)).join('  '), ...body.map(line)].map((text) =>
    text.trimEnd(),
  )
}

/** @param {number | undefined} ratio from 0 to 1 */
export const percent = (ratio) => (ratio === undefined ? '' : `${(ratio * 100).toFixed(2)} %`)

/** @param {number} count */
export const grouped = (count) => Math.round(count).toLocaleString('en')

/** @param {number | undefined} points percentage points */
export const signed = (points) =>
  points === undefined ? '' : `${points >= 0 ? '+' : '−'}${Math.abs(points).toFixed(2)}`
