import { type KeyboardEvent, type PointerEvent, type RefObject, useCallback, useEffect, useRef, useState } from 'react'
import type { Board } from '../../../src/protocol.js'
import { type Camera, fitted, keptInView, type Point, zoomedAt } from './geometry.js'

const PAN_STEP = 60
const ZOOM_STEP = 1.25

export interface CameraControl {
  readonly camera: Camera
  readonly zoomIn: () => void
  readonly zoomOut: () => void
  readonly fit: () => void
  /** Handlers of the window: drag to pan, two fingers to zoom, keys for both. */
  readonly handlers: {
    readonly onPointerDown: (event: PointerEvent) => void
    readonly onPointerMove: (event: PointerEvent) => void
    readonly onPointerUp: (event: PointerEvent) => void
    readonly onPointerCancel: (event: PointerEvent) => void
    readonly onKeyDown: (event: KeyboardEvent) => void
  }
}

/** The view of the board. Fits the board until somebody moves the view. */
export function useCamera(window: RefObject<HTMLElement | null>, board: Board): CameraControl {
  const [camera, setCamera] = useState<Camera>({ x: 0, y: 0, zoom: 1 })
  const touched = useRef(false)
  const { width, height } = board

  const change = useCallback(
    (next: (camera: Camera) => Camera) => {
      touched.current = true
      const { clientWidth, clientHeight } = window.current ?? { clientWidth: 0, clientHeight: 0 }
      setCamera((camera) => keptInView(next(camera), { width, height, background: '' }, clientWidth, clientHeight))
    },
    [window, width, height],
  )
  const fit = useCallback(() => {
    touched.current = false
    const element = window.current
    if (element !== null)
      setCamera(fitted({ width, height, background: '' }, element.clientWidth, element.clientHeight))
  }, [window, width, height])

  useEffect(() => {
    const element = window.current
    if (element === null) return
    const observer = new ResizeObserver(() => {
      if (!touched.current) fit()
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [window, fit])
  useWheel(window, change)

  const zoomBy = (factor: number) => {
    const element = window.current
    if (element === null) return
    change((camera) => zoomedAt(camera, factor, { x: element.clientWidth / 2, y: element.clientHeight / 2 }))
  }
  const zoomIn = () => zoomBy(ZOOM_STEP)
  const zoomOut = () => zoomBy(1 / ZOOM_STEP)
  const handlers = { ...usePan(window, change), onKeyDown: cameraKeys(change, zoomIn, zoomOut, fit) }
  return { camera, zoomIn, zoomOut, fit, handlers }
}

type Change = (next: (camera: Camera) => Camera) => void

function within(window: RefObject<HTMLElement | null>, event: { clientX: number; clientY: number }): Point {
  const box = window.current?.getBoundingClientRect()
  return { x: event.clientX - (box?.left ?? 0), y: event.clientY - (box?.top ?? 0) }
}

/** React's wheel listener is passive; this one must keep the page from scrolling. */
function useWheel(window: RefObject<HTMLElement | null>, change: Change): void {
  useEffect(() => {
    const element = window.current
    if (element === null) return
    const wheel = (event: WheelEvent) => {
      event.preventDefault()
      const at = within(window, event)
      change((camera) => zoomedAt(camera, Math.exp(-event.deltaY / 500), at))
    }
    element.addEventListener('wheel', wheel, { passive: false })
    return () => element.removeEventListener('wheel', wheel)
  }, [window, change])
}

function usePan(window: RefObject<HTMLElement | null>, change: Change) {
  const fingers = useRef(new Map<number, Point>())
  const lift = (event: PointerEvent) => {
    fingers.current.delete(event.pointerId)
  }
  return {
    onPointerDown: (event: PointerEvent) => {
      if (event.button > 1) return
      fingers.current.set(event.pointerId, within(window, event))
      event.currentTarget.setPointerCapture(event.pointerId)
    },
    onPointerMove: (event: PointerEvent) => {
      const before = fingers.current.get(event.pointerId)
      if (before === undefined) return
      const now = within(window, event)
      const other = [...fingers.current].find(([finger]) => finger !== event.pointerId)?.[1]
      fingers.current.set(event.pointerId, now)
      change((camera) => {
        const moved = { ...camera, x: camera.x + (now.x - before.x), y: camera.y + (now.y - before.y) }
        if (other === undefined) return moved
        return zoomedAt(camera, distance(now, other) / Math.max(1, distance(before, other)), other)
      })
    },
    onPointerUp: lift,
    onPointerCancel: lift,
  }
}

const distance = (a: Point, b: Point) => Math.hypot(a.x - b.x, a.y - b.y)

function cameraKeys(change: Change, zoomIn: () => void, zoomOut: () => void, fit: () => void) {
  const pan = (x: number, y: number) => () => change((camera) => ({ ...camera, x: camera.x + x, y: camera.y + y }))
  const keys: Record<string, () => void> = {
    ArrowLeft: pan(PAN_STEP, 0),
    ArrowRight: pan(-PAN_STEP, 0),
    ArrowUp: pan(0, PAN_STEP),
    ArrowDown: pan(0, -PAN_STEP),
    '+': zoomIn,
    '=': zoomIn,
    '-': zoomOut,
    '0': fit,
  }
  return (event: KeyboardEvent) => {
    const act = event.target === event.currentTarget ? keys[event.key] : undefined
    if (act === undefined) return
    event.preventDefault()
    act()
  }
}
