import { type Terminal, widthOf } from './terminal.js'

export interface Column {
  readonly title: string
  /** Figures stand at the right. */
  readonly right?: boolean
}

/** Rows under titles, each column as wide as its widest cell. Without rows there is nothing but the titles. */
export function table(terminal: Terminal, columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map(({ title }, index) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(row[index] ?? ''))),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => pad(cell, widths[index] ?? 0, columns[index]?.right === true))
      .join('  ')
      .trimEnd()
  return [terminal.style('dim', line(columns.map(({ title }) => title))), ...rows.map(line)]
}

/** Names and values in two columns. */
export function facts(terminal: Terminal, pairs: readonly (readonly [name: string, value: string])[]): string[] {
  const width = Math.max(...pairs.map(([name]) => widthOf(name)))
  return pairs.map(([name, value]) => `${terminal.style('dim', pad(name, width, false))}  ${value}`)
}

function pad(text: string, width: number, right: boolean): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)))
  return right ? space + text : text + space
}
