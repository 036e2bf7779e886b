import type { Capacity } from '../capacity.js'
import type { MissRatioCurves } from '../miss-ratio-curve.js'
import { OPTIMUM } from '../simulate.js'
import { chartCss, classOf, escaped, styleOf } from './chart-style.js'

/** The plane of a chart: where its axes lie, in units of its view box. */
export interface Plane {
  readonly width: number
  readonly height: number
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

export const WIDE: Plane = { width: 960, height: 460, left: 52, right: 940, top: 16, bottom: 412 }
export const NARROW: Plane = { width: 360, height: 340, left: 44, right: 350, top: 12, bottom: 290 }

const PERCENT_STEPS = [0, 0.25, 0.5, 0.75, 1]

/** Miss ratios over sizes as a picture that stands alone: title, axes, a line for each policy and a legend. */
export function curveSvg(curves: MissRatioCurves): string {
  const policies = curves.curves.map(({ policy }) => policy)
  const legendRows = Math.ceil(policies.length / 4)
  const { width, height } = WIDE
  const top = 34
  const total = top + height + 20 * legendRows + 8
  const legend = policies.map((policy, at) => {
    const [x, y] = [WIDE.left + (at % 4) * 220, top + height + 20 * Math.floor(at / 4) + 6]
    return `<line class="line ${classOf(policy)}" x1="${x}" y1="${y}" x2="${x + 28}" y2="${y}"/><text x="${x + 36}" y="${y + 4}">${escaped(policy)}</text>`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 ${width} ${total}" role="img" aria-label="${escaped(summary(curves))}">`,
    `<style>${chartCss(policies)}</style>`,
    `<rect width="${width}" height="${total}" style="fill:var(--ground)"/>`,
    `<text class="title" x="${WIDE.left}" y="22">${escaped(curves.trace)}: misses by size of the cache</text>`,
    `<g transform="translate(0 ${top})">${plot(curves, WIDE)}</g>`,
    ...legend,
    '</svg>',
    '',
  ].join('\n')
}

/** The inside of a chart, without title and legend. */
export function plot(curves: MissRatioCurves, plane: Plane): string {
  return [
    horizontalRules(curves, plane),
    unreachable(curves, plane),
    sizeTicks(curves, plane),
    ...lines(curves, plane),
  ].join('\n')
}

/** Where a size lies on the horizontal axis, which is logarithmic. */
export function xOf({ capacities }: MissRatioCurves, { left, right }: Plane, at: number): number {
  const amounts = capacities.map(amountOf)
  const [first = 1, last = 1, here = 1] = [amounts[0], amounts.at(-1), amounts[at]]
  const share = last === first ? 0.5 : Math.log(here / first) / Math.log(last / first)
  return round(left + share * (right - left))
}

/**
 * Highest miss ratio on the vertical axis: a little above what occurs, so that flat curves do not hide at the bottom.
 */
export function ceilingOf({ curves }: MissRatioCurves): number {
  const highest = Math.max(...curves.flatMap(({ missRatios }) => missRatios))
  return [0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 0.75].find((ceiling) => highest <= ceiling) ?? 1
}

/** Entries, or bytes where that is what bounds the cache. */
export function amountOf({ entries, bytes }: Capacity): number {
  return Number.isFinite(bytes) ? bytes : entries
}

/** A size as people say it. */
export function sizeText(capacity: Capacity): string {
  const amount = amountOf(capacity)
  if (!Number.isFinite(capacity.bytes)) return amount.toLocaleString('en')
  const power = Math.min(3, Math.floor(Math.log2(Math.max(1, amount)) / 10))
  return `${Number((amount / 1_024 ** power).toPrecision(3))} ${['B', 'KB', 'MB', 'GB'][power]}`
}

/** What the chart shows, for those who do not see it. */
export function summary({ trace, capacities, curves }: MissRatioCurves): string {
  const middle = Math.floor((capacities.length - 1) / 2)
  const [size] = [capacities[middle]].map((capacity) => (capacity === undefined ? '' : sizeText(capacity)))
  const values = curves.map(({ policy, missRatios }) => `${policy} ${percent(missRatios[middle] ?? 0)}`)
  return `Miss ratio of ${curves.length} policies on ${trace} by size of the cache. At ${size}: ${values.join(', ')}.`
}

export function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(ratio < 0.1 ? 2 : 1)} %`
}

function horizontalRules(curves: MissRatioCurves, plane: Plane): string {
  const ceiling = ceilingOf(curves)
  return PERCENT_STEPS.map((step) => {
    const y = yOf(step * ceiling, ceiling, plane)
    const label = `${Number((step * ceiling * 100).toPrecision(3))}%`
    return `<line class="rule" x1="${plane.left}" y1="${y}" x2="${plane.right}" y2="${y}"/><text x="${plane.left - 6}" y="${y + 4}" text-anchor="end">${label}</text>`
  }).join('\n')
}

/** Marks as many sizes below the axis as there is room for. */
function sizeTicks(curves: MissRatioCurves, plane: Plane): string {
  const { capacities, by } = curves
  const room = Math.floor((plane.right - plane.left) / 76)
  const every = Math.max(1, Math.ceil(capacities.length / room))
  const last = capacities.length - 1
  const ticks = capacities.map((capacity, at) => {
    if ((last - at) % every !== 0) return ''
    const anchor = at === last ? 'end' : at === 0 ? 'start' : 'middle'
    const [x, y] = [xOf(curves, plane, at), plane.bottom + 18]
    const share = capacity.label.endsWith('%')
      ? `<text x="${x}" y="${y + 15}" text-anchor="${anchor}">${capacity.label}</text>`
      : ''
    return `<line class="rule" x1="${x}" y1="${plane.bottom}" x2="${x}" y2="${plane.bottom + 5}"/><text x="${x}" y="${y}" text-anchor="${anchor}">${sizeText(capacity)}</text>${share}`
  })
  const axis = by === 'bytes' ? 'bytes' : 'entries'
  return `<line class="rule" x1="${plane.left}" y1="${plane.bottom}" x2="${plane.right}" y2="${plane.bottom}"/>${ticks.join('')}<title>size of the cache in ${axis}</title>`
}

/** What lies below the optimum: no policy gets there. */
function unreachable(curves: MissRatioCurves, plane: Plane): string {
  const optimum = curves.curves.find(({ policy }) => policy === OPTIMUM)
  if (optimum === undefined) return ''
  const corner = `${plane.right},${plane.bottom} ${plane.left},${plane.bottom}`
  return `<polygon class="unreachable" points="${points(curves, optimum.missRatios, plane)} ${corner}"/>`
}

/** The optimum first and the thickest last, so that it lies on top. */
function lines(curves: MissRatioCurves, plane: Plane): string[] {
  return [...curves.curves]
    .sort((a, b) => styleOf(a.policy).width - styleOf(b.policy).width)
    .map(
      ({ policy, missRatios }) =>
        `<polyline class="line ${classOf(policy)}" points="${points(curves, missRatios, plane)}"><title>${escaped(policy)}</title></polyline>`,
    )
}

function points(curves: MissRatioCurves, ratios: readonly number[], plane: Plane): string {
  const ceiling = ceilingOf(curves)
  return ratios.map((ratio, at) => `${xOf(curves, plane, at)},${yOf(ratio, ceiling, plane)}`).join(' ')
}

function yOf(ratio: number, ceiling: number, { top, bottom }: Plane): number {
  return round(bottom - (ratio / ceiling) * (bottom - top))
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
