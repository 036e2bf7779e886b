import type { Role, Token } from '../../../src/protocol.js'
import { call } from '../server/call.js'
import { Icon } from '../ui/Icon.js'
import type { Action } from '../ui/use-action.js'

interface Props {
  roomId: string
  token: Token
  role: Role | null
  movable: boolean
  action: Action
  ownerName: string | undefined
}

/** What one may do with the selected token. */
export function TokenBar({ roomId, token, role, movable, action, ownerName }: Props) {
  const at = { roomId, tokenId: token.id }
  return (
    <div className="token-bar" role="toolbar" aria-label={`Token ${token.name}`}>
      <span className="token-bar-name">
        <strong>{token.name}</strong>
        <span className="soft fine">{ownerName === undefined ? 'anyone’s' : `of ${ownerName}`}</span>
      </span>
      {movable && (
        <button
          type="button"
          className="button small"
          disabled={action.busy}
          onClick={() => void action.run(() => call('tokens.flip', at))}
        >
          <Icon name="flip" size={16} /> {token.flipped ? 'Turn up' : 'Turn over'}
        </button>
      )}
      {role === 'gm' && (
        <button
          type="button"
          className="button small"
          disabled={action.busy}
          onClick={() => void action.run(() => call('tokens.setHidden', { ...at, hidden: !token.hidden }))}
        >
          <Icon name={token.hidden ? 'eye' : 'hidden'} size={16} /> {token.hidden ? 'Reveal' : 'Hide'}
        </button>
      )}
      {movable && (
        <button
          type="button"
          className="button small icon"
          disabled={action.busy}
          onClick={() => void action.run(() => call('tokens.remove', at))}
          title="Remove from the board"
        >
          <Icon name="trash" size={16} />
          <span className="hidden-visually">Remove {token.name} from the board</span>
        </button>
      )}
    </div>
  )
}
