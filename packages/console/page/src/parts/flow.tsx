import type { DurationFigures } from '@tableforge/cache'
import { useEffect, useRef, useState } from 'react'
import { amount, duration, percent } from '../../../src/format.js'
import { perSecond, type Window } from '../figures.js'
import { type Stream, Streams } from './flow-dots.js'

export interface FlowProps {
  readonly window: Window
  /** What time the window is, in words. */
  readonly period: string
  readonly memoryTime: DurationFigures
  readonly remoteTime: DurationFigures
  readonly loadTime: DurationFigures
  readonly still: boolean
}

const HEIGHT = 248
/** Between two ribbons at the right: a label of two lines must fit. */
const GAP = 42
/** Above and below, for half a label. */
const EDGE = 22
const LEFT = 12

interface Branch {
  readonly name: string
  readonly colour: string
  readonly rate: number
  readonly share: number
  readonly time: DurationFigures
  readonly timeOf: string
}

/**
 * The path of a read: a stream that comes in at the left and parts to where reads are answered, as wide as their
 * share. Dots travel along it, slower where reads take longer; each stands for a number of reads.
 */
export function Flow({ window, period, memoryTime, remoteTime, loadTime, still }: FlowProps) {
  const host = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  useEffect(() => {
    if (host.current === null) return
    const observer = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0))
    observer.observe(host.current)
    return () => observer.disconnect()
  }, [])

  const misses = Math.max(0, window.reads - window.memoryHits - window.remoteHits)
  const branch = (name: string, colour: string, part: number, time: DurationFigures, timeOf: string): Branch => ({
    name,
    colour,
    rate: perSecond(part, window),
    share: window.reads === 0 ? 0 : part / window.reads,
    time,
    timeOf,
  })
  const branches = [
    branch('Memory', 'memory', window.memoryHits, memoryTime, 'a memory hit'),
    branch('Remote', 'remote', window.remoteHits, remoteTime, 'a remote call'),
    branch('Origin', 'origin', misses, loadTime, 'a load'),
  ]
  const total = perSecond(window.reads, window)
  const labels = width < 520 ? 152 : 214
  const right = Math.max(LEFT + 60, width - labels)
  const ribbons = layOut(branches)
  const dotWorth = Math.max(1, Math.ceil(total / 70))
  const streams: Stream[] = ribbons.map(({ branch: { rate, time, colour }, ...path }) => ({
    path,
    colour,
    perSecond: rate / dotWorth,
    seconds: travelSeconds(time),
  }))

  return (
    <>
      <div className="flow" ref={host}>
        <svg width={width} height={HEIGHT} aria-hidden="true" focusable="false">
          {ribbons.map(({ branch: { colour }, top, bottom, thickness }) => (
            <path
              key={colour}
              className="ribbon"
              data-colour={colour}
              d={ribbon(LEFT + 8, right, top, bottom, thickness)}
            />
          ))}
          <rect
            className="gate"
            x={LEFT}
            y={ribbons[0]?.top ?? 0}
            width={8}
            height={Math.max(
              4,
              ribbons.reduce((sum, one) => sum + one.thickness, 0),
            )}
            rx={2}
          />
          {ribbons.map(({ branch: { colour }, bottom, thickness }) => (
            <rect
              key={colour}
              className="gate"
              data-colour={colour}
              x={right}
              y={bottom}
              width={6}
              height={thickness}
              rx={2}
            />
          ))}
        </svg>
        {!still && width > 0 && <Streams streams={streams} from={LEFT + 8} to={right} width={width} height={HEIGHT} />}
        <p className="flow-in">
          <b>{amount(total)}</b> reads/s
        </p>
        <ul className="flow-out" style={{ left: right + 16 }}>
          {ribbons.map(({ branch: { name, colour, share, rate, time, timeOf }, bottom, thickness }) => (
            <li key={name} style={{ top: bottom + thickness / 2 }}>
              <span className="name" data-colour={colour}>
                {name} <b>{window.reads === 0 ? '–' : percent(share)}</b>
              </span>
              <span className="detail">
                {amount(rate)}/s
                {time.count > 0 && (
                  <span title={`Half of the time ${timeOf} takes less, since the start`}>
                    {' '}
                    · p50 {duration(time.p50)}
                  </span>
                )}
              </span>
            </li>
          ))}
        </ul>
      </div>
      <p className="flow-key">
        {window.reads === 0
          ? `No reads: ${period}`
          : still
            ? `Widths: share of the reads, ${period}`
            : `One dot is ${dotWorth === 1 ? 'one read' : `${amount(dotWorth)} reads`}; slower where answers take longer`}
      </p>
    </>
  )
}

/** Ribbons lie on each other at the left and apart at the right; one that carries anything is never thinner than 3. */
function layOut(branches: readonly Branch[]) {
  const room = HEIGHT - 2 * GAP - 2 * EDGE
  const thicknesses = branches.map(({ share }) => (share === 0 ? 1 : Math.max(3, share * room)))
  const sum = thicknesses.reduce((total, one) => total + one, 0)
  let top = (HEIGHT - sum) / 2
  let bottom = (HEIGHT - sum - 2 * GAP) / 2
  return branches.map((branch, index) => {
    const thickness = thicknesses[index] ?? 1
    const placed = { branch, top, bottom, thickness }
    top += thickness
    bottom += thickness + GAP
    return placed
  })
}

function ribbon(from: number, to: number, top: number, bottom: number, thickness: number): string {
  const middle = (from + to) / 2
  return `M${from} ${top}C${middle} ${top} ${middle} ${bottom} ${to} ${bottom}V${bottom + thickness}C${middle} ${bottom + thickness} ${middle} ${top + thickness} ${from} ${top + thickness}Z`
}

/** 0.9 s for a microsecond, and half a second more for every ten times as long. */
function travelSeconds(time: DurationFigures): number {
  const microseconds = Math.max(1, time.p50 * 1_000)
  return 0.9 + 0.5 * Math.log10(microseconds)
}
