import type { Fleet, FleetNode } from '@tableforge/cache'
import { amount, bytes, count, duration, percent } from '../../../src/format.js'
import type { WireHealth, WireStats } from '../../../src/wire.js'
import type { Picture } from '../feed.js'
import { lagOf, type Positions } from '../log-lag.js'
import { Coherence } from '../parts/coherence.js'
import { Eviction } from '../parts/eviction.js'
import { HealthList, Status } from '../parts/health.js'
import { Nothing, Panel } from '../parts/panel.js'
import { Scroll } from '../parts/scroll.js'
import { usePolled } from '../polled.js'

/** Every process of the namespace, and how well each hears the log; this one at length. */
export function Nodes({ picture: { history, stats, health }, watched }: { picture: Picture; watched: boolean }) {
  const { data: fleet, problem } = usePolled<Fleet>(watched ? 'fleet' : undefined, 3_000)
  return (
    <>
      <Panel
        area="wide"
        title="Nodes"
        note={
          fleet === undefined ? 'this one' : `${fleet.nodes.length} in ${stats.namespace} · others as they last told`
        }
      >
        {problem !== undefined && <p className="problem">▲ {problem}</p>}
        {fleet?.complete === false && (
          <p className="warning">▲ The remote tier did not tell of the others: only this node is listed.</p>
        )}
        {fleet?.bypasses.map(({ tier, until, by, reason }) => (
          <p key={tier} className="warning">
            ▲ Reads of every node go around the {tier} tier, for another {duration(Math.max(0, until - fleet.at))} ·{' '}
            {by}: {reason}
          </p>
        ))}
        {!watched && (
          <Nothing>
            Other nodes are known when the cache is made with the option history: createCache(…, history: true)
          </Nothing>
        )}
        {fleet !== undefined && (
          <FleetTable
            fleet={fleet}
            stats={stats}
            health={health}
            positions={{ at: history.at, applied: history.gauges.applied }}
          />
        )}
      </Panel>
      <Panel
        area="health"
        title="Health of this node"
        {...(health === null ? {} : { actions: <Status status={health.status} /> })}
      >
        <HealthList health={health} />
      </Panel>
      <Panel area="coherence" title="Coherence of this node" note={stats.node}>
        <Coherence stats={stats} />
      </Panel>
      <Panel area="wide" title="Eviction of this node" note="what memory gives up first">
        <Eviction stats={stats} />
      </Panel>
    </>
  )
}

function FleetTable({
  fleet,
  stats,
  health,
  positions,
}: {
  fleet: Fleet
  stats: WireStats
  health: WireHealth | null
  positions: Positions
}) {
  const nodes = fleet.nodes.map((node) => (node.self ? current(node, stats, health) : node))
  return (
    <Scroll label="Nodes">
      <table className="table nodes">
        <thead>
          <tr>
            <th scope="col">Node</th>
            <th scope="col">Status</th>
            <th scope="col">Log position</th>
            <th scope="col">Lag</th>
            <th scope="col">Confirmed</th>
            <th scope="col">Breaker</th>
            <th scope="col">Hit rate</th>
            <th scope="col">Reads</th>
            <th scope="col">Memory</th>
            <th scope="col">Up</th>
            <th scope="col">Version</th>
          </tr>
        </thead>
        <tbody>
          {nodes.map((node) => (
            <NodeRow key={node.node} node={node} lag={lagOf(node, nodes, positions)} now={fleet.at} />
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

/** This node is known to the second; of others we know what they last published. */
function current(node: FleetNode, stats: WireStats, health: WireHealth | null): FleetNode {
  const { log, remote, memory, total, flights, uptimeMs, at } = stats
  return {
    ...node,
    at,
    uptimeMs,
    status: health?.status ?? node.status,
    remote,
    flights,
    total,
    log: log as FleetNode['log'],
    memory: memory as FleetNode['memory'],
  }
}

function NodeRow({ node, lag, now }: { node: FleetNode; lag: number | undefined; now: number }) {
  const { log, remote, total, memory } = node
  const unconfirmed = log.unconfirmedMs as number | null
  const late = unconfirmed === null || unconfirmed > 5_000
  return (
    <tr data-chosen={node.self}>
      <th scope="row">
        {node.node}
        <span className="detail">{node.self ? ' this node' : ` told ${duration(Math.max(0, now - node.at))} ago`}</span>
      </th>
      <td data-label="Status">
        <Status status={node.status} />
        {node.reasons.length > 0 && !node.self && <span className="detail block">{node.reasons.join('; ')}</span>}
      </td>
      <td data-label="Log position">{count(log.applied)}</td>
      <td data-label="Lag">{lag === undefined ? '–' : count(lag)}</td>
      <td data-label="Confirmed" data-wrong={late}>
        {unconfirmed === null ? 'never' : `${duration(unconfirmed)} ${node.self ? 'ago' : 'before it told'}`}
      </td>
      <td data-label="Breaker" data-wrong={remote.breaker !== 'closed'}>
        {remote.breaker}
      </td>
      <td data-label="Hit rate">{total.reads === 0 ? '–' : percent(total.hitRate)}</td>
      <td data-label="Reads">{amount(total.reads)}</td>
      <td data-label="Memory">
        {count(memory.entries)} entries <span className="detail block">{bytes(memory.bytes)}</span>
      </td>
      <td data-label="Up">{duration(node.uptimeMs)}</td>
      <td data-label="Version">{node.version}</td>
    </tr>
  )
}
