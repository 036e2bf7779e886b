import { count, duration } from '../../../src/format.js'
import type { WireStats } from '../../../src/wire.js'

/** How well this node hears the invalidation log. */
export function Coherence({ stats: { log, remote } }: { stats: WireStats }) {
  return (
    <dl className="facts">
      <Fact
        name="Log position"
        value={count(log.applied)}
        detail={log.epoch === '' ? undefined : `epoch ${log.epoch}`}
      />
      <Fact
        name="Confirmed"
        value={log.unconfirmedMs === null ? 'not yet' : `${duration(log.unconfirmedMs)} ago`}
        wrong={log.unconfirmedMs === null || log.unconfirmedMs > 5_000}
      />
      <Fact name="Subscribed" value={log.subscribed ? 'yes' : 'no'} wrong={!log.subscribed} />
      <Fact name="Remote tier" value={remote.state} detail={remote.kind} wrong={remote.state === 'down'} />
      <Fact name="Breaker" value={remote.breaker} wrong={remote.breaker !== 'closed'} />
      <Fact name="Waiting to be sent" value={count(log.recovering)} wrong={log.recovering > 0} />
      <Fact name="Gaps repaired" value={count(log.repairs)} />
      <Fact name="Log lost" value={count(log.losses)} />
    </dl>
  )
}

export function Fact({
  name,
  value,
  detail,
  wrong = false,
}: {
  name: string
  value: string
  detail?: string | undefined
  wrong?: boolean
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd data-wrong={wrong}>
        {wrong && <span aria-hidden="true">▲ </span>}
        {value}
        {detail !== undefined && <span className="detail"> {detail}</span>}
      </dd>
    </div>
  )
}
