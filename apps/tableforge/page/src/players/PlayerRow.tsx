import { type Player, Role } from '../../../src/protocol.js'
import { call } from '../server/call.js'
import { Avatar } from '../ui/Avatar.js'
import { Icon } from '../ui/Icon.js'
import type { Action } from '../ui/use-action.js'

export const roleTitles: Record<Role, string> = { gm: 'Game master', player: 'Player', spectator: 'Spectator' }

interface Props {
  roomId: string
  player: Player
  /** At the table now. */
  here: boolean
  self: boolean
  /** How many cards they hold. */
  cards: number
  /** Whether the viewer is a game master. */
  mayGovern: boolean
  action: Action
}

export function PlayerRow({ roomId, player, here, self, cards, mayGovern, action }: Props) {
  const whom = { roomId, userId: player.id }
  return (
    <li className={here ? 'player here' : 'player'}>
      <Avatar user={player} size={34} />
      <div className="player-words">
        <p>
          <strong>{player.name}</strong>
          {self && <span className="soft"> (you)</span>}
        </p>
        <p className="soft fine figure">
          {here ? 'At the table' : 'Away'} · {player.score} {player.score === 1 ? 'point' : 'points'}
          {cards > 0 && ` · ${cards} ${cards === 1 ? 'card' : 'cards'}`}
        </p>
      </div>
      {mayGovern ? (
        <div className="player-acts">
          <select
            className="input small"
            aria-label={`Role of ${player.name}`}
            value={player.role}
            disabled={action.busy}
            onChange={(event) =>
              void action.run(() => call('players.setRole', { ...whom, role: Role.parse(event.target.value) }))
            }
          >
            {Role.options.map((role) => (
              <option key={role} value={role}>
                {roleTitles[role]}
              </option>
            ))}
          </select>
          <button
            type="button"
            className="button small"
            disabled={action.busy}
            onClick={() => void action.run(() => call('players.award', { ...whom, points: 1 }))}
            title="Give a point"
          >
            +1<span className="hidden-visually"> point for {player.name}</span>
          </button>
          {!self && (
            <button
              type="button"
              className="button small icon quiet"
              disabled={action.busy}
              onClick={() => void action.run(() => call('players.remove', whom))}
              title="Send away from this table"
            >
              <Icon name="close" size={15} />
              <span className="hidden-visually">Send {player.name} away from this table</span>
            </button>
          )}
        </div>
      ) : (
        <span className={`tag ${player.role === 'gm' ? 'brass' : ''}`}>{roleTitles[player.role]}</span>
      )}
    </li>
  )
}
