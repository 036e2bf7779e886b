/** One comparison: `npm run bench -- NAME`. */
export interface Suite {
  readonly name: string
  /** One line for the list of suites. */
  readonly about: string
  /** Runs it; `progress` is told what is being measured. */
  run(progress: (what: string) => void): Promise<SuiteResult>
}

export interface SuiteResult {
  /** What `--json` prints. */
  readonly data: object
  /** The same for people. */
  readonly lines: readonly string[]
}

/** Columns as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
