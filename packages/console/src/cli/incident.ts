import type { Fleet } from '@tableforge/cache'
import { duration } from '../format.js'
import { type Picture, takePicture } from './picture.js'
import { alertLines, figureLines, healthLines, missingLines, trailLines } from './print.js'
import type { Source } from './source.js'
import type { Terminal } from './terminal.js'

export interface Incident extends Picture {
  readonly source: string
  readonly windowMs: number
  readonly fleet: Fleet | undefined
}

/** As much of the trail as somebody will read; the rest is counted. */
const SHOWN_TRAIL = 100

/** How the cache is and what happened to it lately, in one piece: what whoever is called in asks for first. */
export async function takeIncident(source: Source, windowMs: number, mostTrail: number): Promise<Incident> {
  const [picture, fleet] = await Promise.all([takePicture(source, { windowMs, trail: mostTrail }), source.fleet()])
  const since = picture.at - windowMs
  // The log in Redis keeps no times: then it is the last invalidations, whenever they were.
  const trail = picture.trail.filter(({ at }) => at === null || at >= since)
  return { ...picture, trail, source: source.name, windowMs, fleet }
}

export function incidentLines(terminal: Terminal, incident: Incident): string[] {
  const { at, source, windowMs, figures, health, fleet, alerts, trail, missing } = incident
  const heading = (text: string) => ['', terminal.style('bold', text)]
  const earlier = trail.length - SHOWN_TRAIL
  return [
    terminal.style(
      'bold',
      `TableForge Cache, ${source}, ${new Date(at).toISOString()}, the last ${duration(windowMs)}`,
    ),
    ...missingLines(terminal, missing),
    ...heading('HEALTH'),
    ...healthLines(terminal, health, fleet),
    ...(alerts === undefined ? [] : [...heading('ALERTS'), ...alertLines(terminal, alerts)]),
    ...(figures === null ? [] : [...heading('FIGURES'), ...figureLines(terminal, figures)]),
    ...heading(`INVALIDATIONS: ${trail.length}`),
    ...(earlier > 0 ? [terminal.style('dim', `${earlier} earlier ones are left out (--json has them)`)] : []),
    ...trailLines(terminal, trail.slice(-SHOWN_TRAIL)),
  ]
}
