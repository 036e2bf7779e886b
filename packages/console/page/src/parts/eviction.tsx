import type { PolicyCandidate } from '@tableforge/cache'
import { amount, clockTime, count, percent } from '../../../src/format.js'
import type { WireStats } from '../../../src/wire.js'
import { Fact } from './coherence.js'

/** What decides which entries this node's memory gives up, what else could, and why it is that. */
export function Eviction({ stats: { policy, memory, total } }: { stats: WireStats }) {
  const { name, active, candidates, lastChange, sampledReads, sampleRate } = policy
  return (
    <div className="eviction">
      <div>
        <dl className="facts">
          <Fact
            name="Policy"
            value={active}
            detail={name === active ? 'by configuration' : `chosen by the ${name} policy`}
          />
          <Fact
            name="Byte hit rate"
            value={total.reads === 0 ? '–' : percent(policy.byteHitRate)}
            detail="of the bytes read came from memory, estimated"
          />
          <Fact name="Evicted for room" value={count(memory.evictions)} />
          {candidates.length > 0 && <Fact name="Changes" value={count(policy.changes)} />}
        </dl>
        {lastChange !== undefined && (
          <p className="change">
            Since <time dateTime={new Date(lastChange.at).toISOString()}>{clockTime(lastChange.at)}</time>{' '}
            {lastChange.to} instead of {lastChange.from}: {lastChange.why}
          </p>
        )}
      </div>
      {candidates.length > 0 && (
        <div>
          <h3>Estimated hit ratios</h3>
          {sampledReads === 0 ? (
            <p className="aside">No sampled read yet to estimate from.</p>
          ) : (
            <>
              <Candidates candidates={candidates} active={active} />
              <p className="aside">
                From {amount(sampledReads)} recent reads of {percent(sampleRate)} of the keys.
              </p>
            </>
          )}
        </div>
      )}
    </div>
  )
}

function Candidates({ candidates, active }: { candidates: readonly PolicyCandidate[]; active: string }) {
  return (
    <ol className="candidates">
      {candidates
        .toSorted((left, right) => right.hitRatio - left.hitRatio)
        .map(({ name, hitRatio }) => (
          <li key={name} data-active={name === active}>
            <span>
              {name}
              {name === active && <span className="detail"> in use</span>}
            </span>
            <span className="track" aria-hidden="true">
              <i style={{ width: `${hitRatio * 100}%` }} />
            </span>
            <span className="value">{percent(hitRatio)}</span>
          </li>
        ))}
    </ol>
  )
}
