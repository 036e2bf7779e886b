import { useLayoutEffect, useRef } from 'react'
import { useTheme } from '../theme.js'

/** A small line without axes, the newest at the right end. Decoration beside the figure that it belongs to. */
export function Sparkline({
  values,
  colour,
  max,
}: {
  values: readonly (number | null)[]
  colour: string
  max?: number
}) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const theme = useTheme()

  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours come from the theme's style sheet.
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (canvas.current === null || context === null || context === undefined) return
    draw(canvas.current, context, values, colour, max)
  }, [values, colour, max, theme])

  return (
    <span className="sparkline" aria-hidden="true">
      <canvas ref={canvas} />
    </span>
  )
}

function draw(
  canvas: HTMLCanvasElement,
  context: CanvasRenderingContext2D,
  values: readonly (number | null)[],
  name: string,
  most?: number,
): void {
  const ratio = devicePixelRatio || 1
  const { clientWidth: width, clientHeight: height } = canvas
  canvas.width = width * ratio
  canvas.height = height * ratio
  context.scale(ratio, ratio)
  const style = getComputedStyle(canvas)
  const top = most ?? Math.max(1e-9, ...values.map((value) => value ?? 0))
  const step = width / Math.max(1, values.length - 1)
  context.beginPath()
  let drawing = false
  values.forEach((value, index) => {
    const x = index * step
    const y = value === null ? 0 : height - 1.5 - (value / top) * (height - 3)
    if (value !== null && drawing) context.lineTo(x, y)
    else if (value !== null) context.moveTo(x, y)
    drawing = value !== null
  })
  context.lineWidth = 1.3
  context.lineJoin = 'round'
  context.strokeStyle = style.getPropertyValue(`--${name}`).trim()
  context.stroke()
}
