import type { HealthStatus } from '@tableforge/cache'
import { duration } from '../../../src/format.js'
import type { WireHealth } from '../../../src/wire.js'

const SIGNS: Record<HealthStatus, string> = { healthy: '●', degraded: '◐', unhealthy: '○' }

/** A status by sign, word and colour: never by colour alone. */
export function Status({ status, children }: { status: HealthStatus; children?: string }) {
  return (
    <span className="status" data-status={status}>
      <span aria-hidden="true">{SIGNS[status]}</span> {children ?? status}
    </span>
  )
}

export function HealthList({ health }: { health: WireHealth | null }) {
  if (health === null) return <p className="nothing">Not asked yet</p>
  return (
    <ul className="health">
      {health.components.map(({ name, status, reason, latencyMs }) => (
        <li key={name}>
          <span className="component">{name}</span>
          <Status status={status} />
          {latencyMs !== undefined && <span className="detail">{duration(latencyMs)}</span>}
          {reason !== undefined && <span className="reason">{reason}</span>}
        </li>
      ))}
    </ul>
  )
}
