import { useEffect, useRef } from 'react'
import { useTheme } from '../theme.js'

export interface Stream {
  readonly path: { readonly top: number; readonly bottom: number; readonly thickness: number }
  readonly colour: string
  /** Dots that set out in a second. */
  readonly perSecond: number
  /** How long one is on its way. */
  readonly seconds: number
}

interface Dot {
  readonly stream: number
  readonly lane: number
  /** 0 at the left, 1 at the right. */
  way: number
}

const MOST_DOTS = 400

interface StreamsProps {
  readonly streams: readonly Stream[]
  readonly from: number
  readonly to: number
  readonly width: number
  readonly height: number
}

/** Dots that travel along the ribbons of {@link Flow}. Stands still in a hidden tab, as animation frames do. */
export function Streams(props: StreamsProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const latest = useRef(props)
  latest.current = props
  const theme = useTheme()

  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours come from the theme's style sheet.
  useEffect(() => {
    const element = canvas.current
    const context = element?.getContext('2d')
    if (element === null || context === null || context === undefined) return
    const style = getComputedStyle(element)
    const colours = latest.current.streams.map(({ colour }) => style.getPropertyValue(`--${colour}-dot`).trim())
    let dots: Dot[] = []
    let before = performance.now()
    let frame = 0
    const step = (now: number) => {
      const elapsed = Math.min(0.1, (now - before) / 1_000)
      before = now
      dots = moved(dots, latest.current.streams, elapsed)
      draw(element, context, dots, latest.current, colours)
      frame = requestAnimationFrame(step)
    }
    frame = requestAnimationFrame(step)
    return () => cancelAnimationFrame(frame)
  }, [theme])

  return (
    <span aria-hidden="true">
      <canvas ref={canvas} className="flow-dots" />
    </span>
  )
}

function moved(dots: readonly Dot[], streams: readonly Stream[], elapsed: number): Dot[] {
  const travelling = dots.filter((dot) => {
    dot.way += elapsed / (streams[dot.stream]?.seconds ?? 1)
    return dot.way < 1
  })
  streams.forEach(({ perSecond }, stream) => {
    let due = perSecond * elapsed
    while (travelling.length < MOST_DOTS && (due >= 1 || Math.random() < due)) {
      travelling.push({ stream, lane: 0.08 + Math.random() * 0.84, way: 0 })
      due -= 1
    }
  })
  return travelling
}

function draw(
  canvas: HTMLCanvasElement,
  context: CanvasRenderingContext2D,
  dots: readonly Dot[],
  props: StreamsProps,
  colours: readonly string[],
): void {
  const { streams, from, to, width, height } = props
  const ratio = devicePixelRatio || 1
  if (canvas.width !== Math.round(width * ratio)) {
    canvas.width = Math.round(width * ratio)
    canvas.height = Math.round(height * ratio)
    canvas.style.width = `${width}px`
    canvas.style.height = `${height}px`
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, width, height)
  for (const dot of dots) {
    const path = streams[dot.stream]?.path
    if (path === undefined) continue
    const { way } = dot
    // The same curve as the ribbon's edge: a cubic Bézier whose control points lie half way.
    const bend = 3 * way * way * (1 - way) + way ** 3
    const x = from + (to - from) * (1.5 * way * (1 - way) ** 2 + 1.5 * way * way * (1 - way) + way ** 3)
    const y = path.top + (path.bottom - path.top) * bend + dot.lane * path.thickness
    context.globalAlpha = Math.min(1, way * 8, (1 - way) * 8)
    context.fillStyle = colours[dot.stream] ?? ''
    context.beginPath()
    context.arc(x, y, path.thickness < 8 ? 1.5 : 2, 0, Math.PI * 2)
    context.fill()
  }
}
