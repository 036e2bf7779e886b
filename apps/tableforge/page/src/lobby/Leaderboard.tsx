import { useState } from 'react'
import { LeaderboardType, Period } from '../../../src/protocol.js'
import { call } from '../server/call.js'
import { useLoaded } from '../server/use-loaded.js'
import { useSession } from '../session/session.js'
import { Avatar } from '../ui/Avatar.js'
import { Complaint } from '../ui/Complaint.js'

const kinds: Record<LeaderboardType, string> = { score: 'Points', rolls: 'Dice rolled' }
const periods: Record<Period, string> = { day: 'Today', week: 'This week', all: 'Ever' }

/** Who has the most points or rolled the most dice. */
export function Leaderboard() {
  const { me } = useSession()
  const [type, setType] = useState<LeaderboardType>('score')
  const [period, setPeriod] = useState<Period>('week')
  const { value, complaint } = useLoaded(() => call('leaderboard', { type, period }), `${type} ${period}`)
  return (
    <aside className="leaderboard" aria-labelledby="leaderboard">
      <h2 id="leaderboard">Leaderboard</h2>
      <div className="row">
        <label className="grow">
          <span className="hidden-visually">Rank by</span>
          <select
            className="input small"
            value={type}
            onChange={(event) => setType(LeaderboardType.parse(event.target.value))}
          >
            {LeaderboardType.options.map((option) => (
              <option key={option} value={option}>
                {kinds[option]}
              </option>
            ))}
          </select>
        </label>
        <label className="grow">
          <span className="hidden-visually">Period</span>
          <select
            className="input small"
            value={period}
            onChange={(event) => setPeriod(Period.parse(event.target.value))}
          >
            {Period.options.map((option) => (
              <option key={option} value={option}>
                {periods[option]}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Complaint text={complaint} />
      {value?.rows.length === 0 && <p className="empty">Nobody yet. Be the first.</p>}
      <ol>
        {value?.rows.map(({ rank, user, value: amount }) => (
          <li key={user.id} className={user.id === me.id ? 'mine' : undefined}>
            <span className={`rank ${rank <= 3 ? 'medal' : ''}`}>{rank}</span>
            <Avatar user={user} size={26} />
            <span className="name">{user.name}</span>
            <span className="figure">{amount}</span>
          </li>
        ))}
      </ol>
    </aside>
  )
}
