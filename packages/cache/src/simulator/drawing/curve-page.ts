import type { MissRatioCurves } from '../miss-ratio-curve.js'
import { OPTIMUM } from '../simulate.js'
import { chartCss, classOf, emphasisCss, escaped } from './chart-style.js'
import { NARROW, percent, plot, sizeText, summary, WIDE, xOf } from './curve-chart.js'
import { PAGE_SCRIPT } from './page-script.js'
import { PAGE_STYLE } from './page-style.js'

/**
 * Miss ratios over sizes as a page of its own: one file without requests to anywhere, in light and dark, for any width,
 * for pointers, fingers, keyboards and screen readers. One section for each trace.
 */
export function curvePage(all: readonly MissRatioCurves[]): string {
  const policies = [...new Set(all.flatMap(({ curves }) => curves.map(({ policy }) => policy)))]
  const title = all.length === 1 ? `${all[0]?.trace}: misses by size of the cache` : 'Misses by size of the cache'
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${chartCss(policies)}${PAGE_STYLE}${emphasisCss(policies)}</style>
</head>
<body>
<main>
<h1>Misses by size of the cache</h1>
<p class="lead">Lower is better. Point at a chart, or focus it and use the arrow keys, to read the values at a size.${
    policies.includes(OPTIMUM) ? ' The shaded ground lies below Belady’s optimum, which knows the future.' : ''
  }</p>
${all.map(section).join('\n')}
</main>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`
}

function section(curves: MissRatioCurves, index: number): string {
  const { trace, requests, distinct, footprint, sample, capacities } = curves
  const facts = [
    `${requests.toLocaleString('en')} reads of ${distinct.toLocaleString('en')} keys`,
    ...(footprint === undefined ? [] : [`${sizeText({ label: '', entries: 0, bytes: footprint })} in all`]),
    ...(sample < 1 ? [`estimated from ${Number((sample * 100).toPrecision(3))} % of the keys`] : []),
  ]
  const start = Math.floor((capacities.length - 1) / 2)
  return `<section aria-labelledby="t${index}">
<h2 id="t${index}">${escaped(trace)}</h2>
<p class="facts">${facts.join(' · ')}</p>
<div class="figure">
<div class="charts" role="slider" tabindex="0" aria-label="Size of the cache, ${escaped(trace)}" aria-valuemin="0" aria-valuemax="${capacities.length - 1}" aria-valuenow="${start}" aria-valuetext="${escaped(summary(curves))}">
${chart(curves, WIDE, 'wide')}
${chart(curves, NARROW, 'narrow')}
</div>
${readout(curves, start)}
</div>
${figures(curves)}
<script type="application/json">${forScript(curves)}</script>
</section>`
}

function chart(curves: MissRatioCurves, plane: typeof WIDE, name: string): string {
  const xs = curves.capacities.map((_, at) => xOf(curves, plane, at))
  return `<svg class="chart ${name}" viewBox="0 0 ${plane.width} ${plane.height}" aria-hidden="true" data-xs="${xs.join(' ')}">
${plot(curves, plane)}
<line class="cursor" x1="0" x2="0" y1="${plane.top}" y2="${plane.bottom}"/>
</svg>`
}

/** The legend, which tells the values at the size that is pointed at. */
function readout({ capacities, curves }: MissRatioCurves, at: number): string {
  const size = capacities[at]
  const rows = [...curves]
    .sort((a, b) => (a.missRatios[at] ?? 0) - (b.missRatios[at] ?? 0))
    .map(
      ({ policy, missRatios }) =>
        `<tr data-policy="${escaped(policy)}"><th scope="row"><svg class="key" viewBox="0 0 32 8" aria-hidden="true"><line class="line ${classOf(policy)}" x1="2" y1="4" x2="30" y2="4"/></svg>${escaped(policy)}</th><td>${percent(missRatios[at] ?? 0)}</td></tr>`,
    )
  return `<table class="readout"><caption>misses at <output>${size === undefined ? '' : sizeLabel(size.label, sizeText(size))}</output></caption><tbody>${rows.join('')}</tbody></table>`
}

function figures({ capacities, curves }: MissRatioCurves): string {
  const withBytes = curves.some(({ byteMissRatios }) => byteMissRatios !== undefined)
  const head = curves.map(({ policy }) => `<th scope="col">${escaped(policy)}</th>`).join('')
  const rowsOf = (ratios: (curve: (typeof curves)[number]) => readonly number[] | undefined) =>
    capacities
      .map((capacity, at) => {
        const cells = curves.map((curve) => `<td>${percent(ratios(curve)?.[at] ?? 0)}</td>`).join('')
        return `<tr><th scope="row">${sizeLabel(capacity.label, sizeText(capacity))}</th>${cells}</tr>`
      })
      .join('')
  const tableOf = (caption: string, rows: string) =>
    `<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption><thead><tr><th scope="col">size</th>${head}</tr></thead><tbody>${rows}</tbody></table></div>`
  const bytes = withBytes
    ? tableOf(
        'Misses by bytes',
        rowsOf(({ byteMissRatios }) => byteMissRatios),
      )
    : ''
  return `<details><summary>All figures</summary>${tableOf(
    'Misses',
    rowsOf(({ missRatios }) => missRatios),
  )}${bytes}</details>`
}

function sizeLabel(label: string, text: string): string {
  return escaped(label.endsWith('%') ? `${text} (${label})` : text)
}

function forScript({ capacities, curves }: MissRatioCurves): string {
  const data = {
    sizes: capacities.map((capacity) => sizeLabel(capacity.label, sizeText(capacity))),
    curves: curves.map(({ policy, missRatios }) => ({ policy, values: missRatios.map(percent), ratios: missRatios })),
  }
  return JSON.stringify(data).replaceAll('<', '\\u003c')
}
