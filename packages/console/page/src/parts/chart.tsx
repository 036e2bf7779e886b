import { useEffect, useRef, useState } from 'react'
import uPlot from 'uplot'
import { axisTime, moment } from '../../../src/format.js'
import { useTheme } from '../theme.js'

export interface Line {
  readonly label: string
  /** Name of a colour of tokens.css, such as `memory`. */
  readonly colour: string
  readonly values: readonly (number | null)[]
  /** Coloured down to the floor, or to the line at this index. */
  readonly filled?: boolean | number
  readonly dashed?: boolean
}

export interface ChartProps {
  /** What is drawn, in words, for those who do not see it. */
  readonly summary: string
  /** Milliseconds since the epoch, oldest first. */
  readonly at: readonly number[]
  readonly lines: readonly Line[]
  readonly spanMs: number
  readonly format: (value: number) => string
  /** Of the value axis; by default `format`. */
  readonly axisFormat?: (value: number) => string
  readonly height?: number
  /** Bounds of the value axis; by default 0 to what fits. */
  readonly range?: readonly [number, number]
  readonly logarithmic?: boolean
  /** The value axis is divided by powers of two, as sizes in bytes are told. */
  readonly binary?: boolean
}

/** Pixels: of the value axis, beyond the last value, and half of a time such as 00:56:01 in small type. */
const AXIS_WIDTH = 52
const RIGHT_EDGE = 6
const HALF_A_TIME = 25
/** Pixels across of a value that no line leads to. */
const LONE_POINT = 6
const POWERS_OF_TWO = Array.from({ length: 50 }, (_, power) => 2 ** power)

/** Lines over the last `spanMs`, moving on with every sample. The cursor is shared by all charts of the page. */
export function Chart(props: ChartProps) {
  const { summary, at, lines, spanMs, format, height = 150 } = props
  const theme = useTheme()
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(null)
  const latest = useRef(props)
  latest.current = props
  const [cursor, setCursor] = useState<number | null>(null)
  const shape = lines.map((line) => `${line.label}/${line.colour}/${line.filled}/${line.dashed}`).join()

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new theme or lines need a new plot.
  useEffect(() => {
    const element = host.current
    if (element === null) return
    const created = new uPlot(optionsFor(element, latest, setCursor), dataOf(latest.current), element)
    plot.current = created
    const observer = new ResizeObserver(() => created.setSize({ width: element.clientWidth, height }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      created.destroy()
      plot.current = null
    }
  }, [theme, shape, height])

  useEffect(() => {
    const now = at.at(-1) ?? Date.now()
    plot.current?.batch(() => {
      plot.current?.setData(dataOf({ at, lines }), false)
      plot.current?.setScale('x', { min: shownFrom(at, spanMs) / 1_000, max: now / 1_000 })
    })
  }, [at, lines, spanMs])

  const index = cursor ?? at.length - 1
  return (
    <figure className="chart">
      <figcaption className="legend">
        {lines.map((line) => (
          <span key={line.label} className="key">
            <i className={line.dashed ? 'swatch dashed' : 'swatch'} data-colour={line.colour} aria-hidden="true" />
            {line.label} <b>{told(line, index, format)}</b>
          </span>
        ))}
        <span className="when">{at[index] === undefined ? '' : moment(at[index])}</span>
      </figcaption>
      <div ref={host} className="plot" role="img" aria-label={summary} style={{ height }} />
    </figure>
  )
}

/**
 * Not further back than there are samples, but a minute at least, so that a young picture is not squeezed to the edge.
 */
function shownFrom(at: readonly number[], spanMs: number): number {
  const now = at.at(-1) ?? Date.now()
  return Math.max(now - spanMs, Math.min(at[0] ?? now, now - 60_000))
}

function told(line: Line, index: number, format: (value: number) => string): string {
  const value = line.values[index]
  return value === null || value === undefined ? '–' : format(value)
}

function dataOf({ at, lines }: Pick<ChartProps, 'at' | 'lines'>): uPlot.AlignedData {
  return [at.map((one) => one / 1_000), ...lines.map((line) => [...line.values])]
}

function optionsFor(
  element: HTMLElement,
  props: { readonly current: ChartProps },
  onCursor: (index: number | null) => void,
): uPlot.Options {
  const style = getComputedStyle(element)
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim()
  const { lines, range, logarithmic = false, binary = false, height = 150, format, axisFormat = format } = props.current
  const font = `11px ${style.fontFamily}`
  const axis = { stroke: colour('muted'), font, ticks: { show: false }, grid: { stroke: colour('rule'), width: 1 } }
  return {
    width: Math.max(element.clientWidth, 50),
    height,
    padding: [8, RIGHT_EDGE, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 5 }, drag: { x: false, y: false }, sync: { key: 'console' } },
    scales: {
      x: { time: true, range: (_, min, max) => [min, max] },
      y: logarithmic
        ? { distr: 3, log: 10, range: (_, min, max) => decades(min, max) }
        : { range: (_, __, max) => [...(range ?? upTo(max))] },
    },
    axes: [
      {
        ...axis,
        size: 22,
        space: 90,
        grid: { show: false },
        values: (plot, times) => times.map((one) => (fits(plot, one) ? axisTime(one * 1_000) : '')),
      },
      {
        ...axis,
        size: AXIS_WIDTH,
        space: logarithmic ? 14 : 32,
        ...(binary ? { incrs: POWERS_OF_TWO } : {}),
        ...(logarithmic ? { filter: onlyDecades, grid: { ...axis.grid, filter: onlyDecades } } : {}),
        values: (_, values) => values.map((value) => (value === null ? '' : axisFormat(value))),
      },
    ],
    series: [
      {},
      ...lines.map((line) => ({
        label: line.label,
        stroke: colour(line.colour),
        width: 1.6,
        spanGaps: false,
        points: { show: true, size: LONE_POINT, filter: lonely, fill: colour(line.colour) },
        ...(line.dashed ? { dash: [4, 4] } : {}),
        ...(line.filled === true ? { fill: colour(`${line.colour}-fill`) } : {}),
      })),
    ],
    bands: lines.flatMap((line, index) =>
      typeof line.filled === 'number'
        ? [{ series: [index + 1, line.filled + 1] as [number, number], fill: colour(`${line.colour}-fill`) }]
        : [],
    ),
    hooks: { setCursor: [(plot) => onCursor(plot.cursor.idx ?? null)] },
  }
}

/** Values with nothing to either side: no line leads to them, so that they would not be seen. */
function lonely(plot: uPlot, seriesIndex: number): number[] {
  const values = plot.data[seriesIndex] ?? []
  const isThere = (index: number) => values[index] !== null && values[index] !== undefined
  return [...values.keys()].filter((index) => isThere(index) && !isThere(index - 1) && !isThere(index + 1))
}

/**
 * Whether a time can be written in full below its place: near the edges it would be cut off, or meet the lowest value.
 */
function fits(plot: uPlot, seconds: number): boolean {
  const at = plot.valToPos(seconds, 'x')
  // Not the width of an element: that follows only after the axes are laid out.
  return at >= HALF_A_TIME && at <= plot.bbox.width / devicePixelRatio - HALF_A_TIME + RIGHT_EDGE
}

/** From 0 to a little above the largest, and to 1 when all is 0, so that the line lies on the floor. */
function upTo(max: number | null): [number, number] {
  return [0, max === null || max <= 0 ? 1 : max * 1.1]
}

/** Grid and labels at whole powers of ten, none in between. */
function onlyDecades(_: uPlot, splits: (number | null)[]): (number | null)[] {
  return splits.map((value) => (value !== null && Math.abs(Math.log10(value) % 1) < 1e-6 ? value : null))
}

/** Whole powers of ten around the values; milliseconds from a microsecond up when there are none. */
function decades(min: number | null, max: number | null): [number, number] {
  if (min === null || max === null || !(min > 0)) return [0.001, 100]
  return [10 ** Math.floor(Math.log10(min)), 10 ** Math.ceil(Math.log10(max * 1.01))]
}
