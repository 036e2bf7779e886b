/** How each policy is drawn: colours that people with any colour vision tell apart, and dashes as a second sign. */
export interface LineStyle {
  readonly light: string
  readonly dark: string
  readonly dash?: string
  readonly width: number
}

const KNOWN: Readonly<Record<string, LineStyle>> = {
  adaptive: { light: '#111827', dark: '#f9fafb', width: 3.5 },
  lru: { light: '#0067a8', dark: '#5db4f0', width: 2 },
  fifo: { light: '#6b7280', dark: '#9ca3af', dash: '2 4', width: 2 },
  sieve: { light: '#00805f', dark: '#35c79d', dash: '8 3', width: 2 },
  's3-fifo': { light: '#c2410c', dark: '#ff8a50', width: 2 },
  arc: { light: '#a8348a', dark: '#ec8fd0', dash: '10 3 2 3', width: 2 },
  'w-tinylfu': { light: '#8a6100', dark: '#eab308', width: 2 },
  gdsf: { light: '#4338ca', dark: '#a5b4fc', dash: '6 3', width: 2 },
  belady: { light: '#6b7280', dark: '#9ca3af', dash: '1 3', width: 1.5 },
}

export function styleOf(policy: string): LineStyle {
  return KNOWN[policy] ?? { light: '#4338ca', dark: '#a5b4fc', width: 2 }
}

/** Colours and lines as a style sheet for the given policies, for light and dark surroundings. */
export function chartCss(policies: readonly string[]): string {
  const colours = (theme: 'light' | 'dark') =>
    policies.map((policy) => `--${classOf(policy)}:${styleOf(policy)[theme]}`).join(';')
  const strokes = policies.map((policy) => {
    const { dash, width } = styleOf(policy)
    const dashes = dash === undefined ? '' : `;stroke-dasharray:${dash}`
    const name = classOf(policy)
    return `.line.${name}{stroke:var(--${name});stroke-width:${width}${dashes}}.dot.${name}{fill:var(--${name})}`
  })
  return `
:root{color-scheme:light dark;--ground:#fff;--ink:#1f2937;--quiet:#5b6472;--rule:#e5e7eb;--shade:#f3f4f6;${colours('light')}}
@media (prefers-color-scheme:dark){:root{--ground:#14171c;--ink:#e8eaed;--quiet:#a3abb8;--rule:#2e343d;--shade:#1d2128;${colours('dark')}}}
.chart text{font:12px system-ui,sans-serif;fill:var(--quiet)}
.chart .title{fill:var(--ink);font-weight:600;font-size:14px}
.chart .rule{stroke:var(--rule);stroke-width:1}
.chart .dot{stroke:var(--ground);stroke-width:1.5}
.chart .unreachable{fill:var(--shade)}
.chart .line{fill:none;stroke-linejoin:round;stroke-linecap:round}
${strokes.join('\n')}`
}

/** A policy whose row in the legend is pointed at stands out from the others. */
export function emphasisCss(policies: readonly string[]): string {
  return policies
    .map((policy) => {
      const pointed = `section:has(tr[data-policy="${policy}"]:hover) .chart`
      const other = `:not(.${classOf(policy)})`
      return `${pointed} .line${other},${pointed} .dot${other}{opacity:.18}`
    })
    .join('\n')
}

export function classOf(policy: string): string {
  return `p-${policy.replaceAll(/[^a-z0-9]/gi, '-')}`
}

/** Text between tags or in an attribute. */
export function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
