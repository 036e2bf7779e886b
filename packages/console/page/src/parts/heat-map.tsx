import { useEffect, useMemo, useRef, useState } from 'react'
import { amount, duration, moment } from '../../../src/format.js'
import { DURATION_BOUNDS_MS } from '../duration-bounds.js'
import { firstWithin } from '../figures.js'
import { useTheme } from '../theme.js'

const MOST_COLUMNS = 120
const ROW = 9
const LEFT = 52
const BOTTOM = 20
/** Half a label stands out above the first row. */
const TOP = 4

interface HeatMapProps {
  readonly at: readonly number[]
  readonly heat: readonly (readonly number[])[]
  readonly spanMs: number
}

/** How long all reads took, over time: a column is a moment, a row a power of two, and the darker the more reads. */
export function HeatMap({ at, heat, spanMs }: HeatMapProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const theme = useTheme()
  const [width, setWidth] = useState(0)
  const [pointed, setPointed] = useState<{ column: number; row: number } | undefined>()
  const columns = useMemo(() => columnsOf(at, heat, spanMs), [at, heat, spanMs])
  const [lowest, highest] = useMemo(() => rowsOf(columns), [columns])
  const rows = highest - lowest + 1
  const height = TOP + rows * ROW + BOTTOM

  useEffect(() => {
    const element = canvas.current?.parentElement
    if (element === null || element === undefined) return
    const observer = new ResizeObserver(() => setWidth(element.clientWidth))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])

  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours come from the theme's style sheet.
  useEffect(() => {
    if (canvas.current !== null && width > 0) draw(canvas.current, { columns, lowest, highest, width, height })
  }, [columns, lowest, highest, width, height, theme])

  const point = (event: React.PointerEvent<HTMLCanvasElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    const column = Math.floor(((event.clientX - box.left - LEFT) / (box.width - LEFT)) * columns.length)
    const row = highest - Math.floor((event.clientY - box.top - TOP) / ROW)
    setPointed(columns[column] === undefined || row < lowest ? undefined : { column, row })
  }
  return (
    <figure className="heat-map">
      <canvas
        ref={canvas}
        role="img"
        aria-label={summaryOf(columns)}
        onPointerMove={point}
        onPointerLeave={() => setPointed(undefined)}
        style={{ height }}
      />
      <figcaption className="aside">{told(columns, pointed)}</figcaption>
    </figure>
  )
}

interface Column {
  readonly at: number
  readonly counts: readonly number[]
}

/** At most so many columns: neighbours are added up. */
function columnsOf(at: readonly number[], heat: readonly (readonly number[])[], spanMs: number): Column[] {
  const first = firstWithin(at, spanMs)
  const size = Math.max(1, Math.ceil((at.length - first) / MOST_COLUMNS))
  const columns: Column[] = []
  for (let index = first; index < at.length; index += size) {
    const group = heat.slice(index, index + size)
    const buckets = Array.from({ length: DURATION_BOUNDS_MS.length + 1 }, (_, bucket) =>
      group.reduce((sum, counts) => sum + (counts[bucket] ?? 0), 0),
    )
    columns.push({ at: at[Math.min(at.length - 1, index + size - 1)] ?? 0, counts: buckets })
  }
  return columns
}

/** The rows that anything falls into, with one to spare on each side. */
function rowsOf(columns: readonly Column[]): [number, number] {
  const used = Array.from({ length: DURATION_BOUNDS_MS.length + 1 }, (_, row) => row).filter((row) =>
    columns.some(({ counts }) => (counts[row] ?? 0) > 0),
  )
  return [Math.max(0, (used[0] ?? 4) - 1), Math.min(DURATION_BOUNDS_MS.length, (used.at(-1) ?? 12) + 1)]
}

function draw(
  canvas: HTMLCanvasElement,
  {
    columns,
    lowest,
    highest,
    width,
    height,
  }: { columns: Column[]; lowest: number; highest: number; width: number; height: number },
): void {
  const context = canvas.getContext('2d')
  if (context === null) return
  const ratio = devicePixelRatio || 1
  canvas.width = width * ratio
  canvas.height = height * ratio
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  const style = getComputedStyle(canvas)
  const most = Math.max(1, ...columns.flatMap(({ counts }) => counts))
  const step = (width - LEFT) / Math.max(1, columns.length)
  context.fillStyle = style.getPropertyValue('--heat').trim()
  for (const [index, { counts }] of columns.entries()) {
    for (let row = lowest; row <= highest; row += 1) {
      const count = counts[row] ?? 0
      if (count === 0) continue
      // Logarithmic, so that the few slow reads are seen beside the many fast ones.
      context.globalAlpha = 0.16 + 0.84 * (Math.log1p(count) / Math.log1p(most))
      context.fillRect(LEFT + index * step, TOP + (highest - row) * ROW, Math.max(1, step - 0.5), ROW - 1)
    }
  }
  context.globalAlpha = 1
  context.font = `11px ${style.fontFamily}`
  context.fillStyle = style.getPropertyValue('--muted').trim()
  context.textAlign = 'right'
  context.textBaseline = 'middle'
  for (let row = highest; row >= lowest; row -= 2) {
    const bound = DURATION_BOUNDS_MS[row]
    if (bound !== undefined) context.fillText(duration(bound), LEFT - 6, TOP + (highest - row) * ROW + ROW / 2)
  }
  context.textBaseline = 'bottom'
  context.textAlign = 'left'
  if (columns[0] !== undefined) context.fillText(moment(columns[0].at), LEFT, height - 2)
  context.textAlign = 'right'
  const last = columns.at(-1)
  if (last !== undefined && columns.length > 1) context.fillText(moment(last.at), width, height - 2)
}

function told(columns: readonly Column[], pointed: { column: number; row: number } | undefined): string {
  const column = pointed === undefined ? undefined : columns[pointed.column]
  if (column === undefined || pointed === undefined)
    return 'The stronger the colour, the more reads (logarithmic); memory hits by their sample'
  return `${moment(column.at)}: ${amount(column.counts[pointed.row] ?? 0)} reads took ${rangeOf(pointed.row)}`
}

function rangeOf(row: number): string {
  const bound = DURATION_BOUNDS_MS[row]
  return bound === undefined ? `more than ${duration(DURATION_BOUNDS_MS.at(-1))}` : `up to ${duration(bound)}`
}

function summaryOf(columns: readonly Column[]): string {
  const counts = DURATION_BOUNDS_MS.map((_, row) => columns.reduce((sum, column) => sum + (column.counts[row] ?? 0), 0))
  const all = counts.reduce((sum, count) => sum + count, 0)
  let below = 0
  const row = counts.findIndex((count) => {
    below += count
    return below >= all * 0.99
  })
  return all === 0
    ? 'Latency of reads over time: no reads.'
    : `Latency of reads over time, as a heat map. 99 of 100 of ${amount(all)} reads took ${rangeOf(row)}.`
}
