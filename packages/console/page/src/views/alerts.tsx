import type { Alert, AlertsView, Delivery, ObjectiveReport, Report, Silence } from '@tableforge/cache'
import { clockTime, count, duration, moment, percent } from '../../../src/format.js'
import type { Picture } from '../feed.js'
import { useActing } from '../parts/acting.js'
import { Objectives } from '../parts/objectives.js'
import { Nothing, Panel } from '../parts/panel.js'
import { latestFirst, NoticeList } from '../parts/trail.js'
import { usePolled } from '../polled.js'

const HOUR = 3_600_000

/** What is not as it should be, what was, and who was told. */
export function Alerts({ picture: { notices, stats }, watched }: { picture: Picture; watched: boolean }) {
  const { data: alerts, problem, refresh } = usePolled<AlertsView>(watched ? 'alerts' : undefined, 2_000)
  const { data: report, problem: noReport } = usePolled<Report>(watched ? 'report' : undefined, 10_000)
  return (
    <>
      <Panel area="main" title="Alerts" note={alerts === undefined ? undefined : `judged by ${alerts.judge}`}>
        {alerts === undefined ? (
          <Nothing>
            {problem ?? (watched ? 'Asking…' : 'Nothing is judged: createCache(…, alerts: true) makes it')}
          </Nothing>
        ) : (
          <Active alerts={alerts} now={stats.at} onChange={refresh} />
        )}
      </Panel>
      <Panel area="side" title="Rules" note={alerts === undefined ? undefined : `${alerts.rules.length} watch`}>
        {alerts === undefined || alerts.rules.length === 0 ? (
          <Nothing>None</Nothing>
        ) : (
          <Rules alerts={alerts} onChange={refresh} />
        )}
      </Panel>
      <Promised report={report} problem={noReport} />
      {alerts !== undefined && (
        <>
          <Panel area="half" title="Resolved lately" note={`${alerts.resolved.length} kept`}>
            {alerts.resolved.length === 0 ? <Nothing>None</Nothing> : <Resolved alerts={alerts.resolved} />}
          </Panel>
          <Panel area="half" title="Deliveries" note="webhooks, newest first">
            {alerts.deliveries.length === 0 ? (
              <Nothing>Nothing was sent</Nothing>
            ) : (
              <Deliveries deliveries={alerts.deliveries} />
            )}
          </Panel>
        </>
      )}
      <Panel area="wide" title="Errors and changes" note={`${notices.length} kept, this node`}>
        {notices.length === 0 ? (
          <Nothing>None since the console started</Nothing>
        ) : (
          <NoticeList notices={latestFirst(notices)} />
        )}
      </Panel>
    </>
  )
}

/** Objectives; while they cannot be judged, why not, beside what was judged last. */
function Promised({ report, problem }: { report: Report | undefined; problem: string | undefined }) {
  const objectives = (report?.objectives ?? []) as readonly ObjectiveReport[]
  if (objectives.length === 0 && problem === undefined) return null
  return (
    <Panel
      area="wide"
      title="Objectives"
      note={report === undefined ? undefined : `${percent(report.compliance)} of those judged are met`}
    >
      {problem !== undefined && (
        <p className="problem">
          ▲ They cannot be judged now: {problem}
          {report !== undefined && `. What you see is of ${clockTime(report.figures.to)}.`}
        </p>
      )}
      {objectives.length > 0 && <Objectives objectives={objectives} />}
    </Panel>
  )
}

function Active({ alerts, now, onChange }: { alerts: AlertsView; now: number; onChange: () => void }) {
  if (alerts.active.length === 0) return <Nothing>Nothing is firing</Nothing>
  return (
    <ol className="alerts" aria-label="Active alerts">
      {alerts.active.map((alert) => (
        <AlertRow key={alert.id} alert={alert} now={now} silences={alerts.silences} onChange={onChange} />
      ))}
    </ol>
  )
}

function AlertRow({
  alert,
  now,
  silences,
  onChange,
}: {
  alert: Alert
  now: number
  silences: readonly Silence[]
  onChange: () => void
}) {
  const silence = silences.find((one) => one.alert === alert.id || one.alert === alert.rule)
  return (
    <li data-severity={alert.severity} data-state={alert.state}>
      <p>
        <Severity alert={alert} /> <b>{alert.rule}</b>
        {alert.definition !== undefined && <code> {alert.definition}</code>}
        {alert.node !== undefined && <span className="detail"> on {alert.node}</span>}
        <span className="detail"> · for {duration(Math.max(0, now - alert.since))}</span>
        {alert.repeats > 0 && <span className="detail"> · told {alert.repeats + 1}×</span>}
      </p>
      <p>{alert.summary}</p>
      {silence === undefined ? (
        <SilenceButtons alert={alert.id} onChange={onChange} />
      ) : (
        <SilenceNote silence={silence} onChange={onChange} />
      )}
    </li>
  )
}

function Severity({ alert: { severity, state } }: { alert: Alert }) {
  const sign = state === 'pending' ? '◌' : severity === 'critical' ? '✕' : '▲'
  return (
    <span className="severity" data-severity={state === 'pending' ? 'pending' : severity}>
      <span aria-hidden="true">{sign}</span> {state === 'pending' ? `${severity}, pending` : severity}
    </span>
  )
}

function SilenceButtons({ alert, onChange }: { alert: string; onChange: () => void }) {
  const { act } = useActing()
  if (act === undefined) return null
  return (
    <p className="buttons">
      {[1, 8].map((hours) => (
        <button
          key={hours}
          type="button"
          onClick={() => act({ type: 'silence', alert, durationMs: hours * HOUR }, onChange)}
        >
          Silence {hours} h<span className="unseen"> {alert}</span>…
        </button>
      ))}
    </p>
  )
}

function SilenceNote({ silence, onChange }: { silence: Silence; onChange: () => void }) {
  const { act } = useActing()
  return (
    <p className="silenced">
      Silent until {moment(silence.until)}, by {silence.by}: {silence.reason}{' '}
      {act !== undefined && (
        <button type="button" onClick={() => act({ type: 'unsilence', silence: silence.id }, onChange)}>
          End the silence…
        </button>
      )}
    </p>
  )
}

function Rules({ alerts, onChange }: { alerts: AlertsView; onChange: () => void }) {
  const { act } = useActing()
  return (
    <ul className="rules">
      {alerts.rules.map(({ name, about }) => {
        const silence = alerts.silences.find((one) => one.alert === name)
        return (
          <li key={name}>
            <span>
              <b>{name}</b> <span className="detail">{about}</span>
              {silence !== undefined && <SilenceNote silence={silence} onChange={onChange} />}
            </span>
            {silence === undefined && act !== undefined && (
              <button type="button" onClick={() => act({ type: 'silence', alert: name, durationMs: HOUR }, onChange)}>
                Silence<span className="unseen"> the rule {name}</span>…
              </button>
            )}
          </li>
        )
      })}
    </ul>
  )
}

function Resolved({ alerts }: { alerts: readonly Alert[] }) {
  return (
    <ol className="records">
      {alerts.slice(0, 30).map((alert) => (
        <li key={`${alert.id} ${alert.since}`}>
          <time dateTime={new Date(alert.resolvedAt ?? alert.since).toISOString()}>
            {clockTime(alert.resolvedAt ?? alert.since)}
          </time>
          <span className="what">
            <b>{alert.rule}</b> {alert.definition !== undefined && <code>{alert.definition}</code>}
            {alert.node !== undefined && ` on ${alert.node}`}
            <span className="detail">{alert.summary}</span>
          </span>
          <span className="who">after {duration(Math.max(0, (alert.resolvedAt ?? alert.since) - alert.since))}</span>
        </li>
      ))}
    </ol>
  )
}

function Deliveries({ deliveries }: { deliveries: readonly Delivery[] }) {
  return (
    <ol className="records">
      {deliveries.slice(0, 30).map((one, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: deliveries have no name of their own and are replaced whole.
        <li key={index}>
          <time dateTime={new Date(one.at).toISOString()}>{clockTime(one.at)}</time>
          <span className="what">
            {one.event} {count(one.alerts.length)} to <b>{one.target}</b>
            <span className={one.outcome === 'delivered' ? 'detail' : 'problem'}>
              {one.outcome === 'delivered' ? '' : '▲ '}
              {one.outcome}
              {one.status !== undefined && `, ${one.status}`}
              {one.error !== undefined && `: ${one.error}`}
              {one.attempt > 1 && `, attempt ${one.attempt}`}
            </span>
          </span>
          <span className="who">{duration(one.durationMs)}</span>
        </li>
      ))}
    </ol>
  )
}
