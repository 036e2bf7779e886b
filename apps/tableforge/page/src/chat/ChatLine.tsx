import { memo } from 'react'
import { RollResult } from '../dice/RollResult.js'
import { useSession } from '../session/session.js'
import { Avatar } from '../ui/Avatar.js'
import { timeOfDay } from '../ui/ago.js'
import type { ChatEntry } from './chat-log.js'

/** One thing said: aloud, whispered, or by dice. */
export const ChatLine = memo(function ChatLine({ entry }: { entry: ChatEntry }) {
  const { me } = useSession()
  const author = entry.kind === 'message' ? entry.message.author : entry.whisper.from
  return (
    <li className={`line ${entry.kind === 'whisper' ? 'whisper' : ''}`}>
      <Avatar user={author} size={28} />
      <div className="line-body">
        <p className="line-head">
          <strong>{author.id === me.id ? 'You' : author.name}</strong>
          {entry.kind === 'whisper' && (
            <span className="whisper-mark">
              {author.id === me.id ? `whispered to ${entry.whisper.to.name}` : 'whispers to you'}
            </span>
          )}
          <time className="soft fine" dateTime={new Date(entry.at).toISOString()}>
            {timeOfDay(entry.at)}
          </time>
        </p>
        {entry.kind === 'whisper' ? <p>{entry.whisper.text}</p> : <Said entry={entry} />}
      </div>
    </li>
  )
})

function Said({ entry: { message } }: { entry: Extract<ChatEntry, { kind: 'message' }> }) {
  return (
    <>
      {message.text !== '' && <p>{message.text}</p>}
      {message.roll !== null && <RollResult roll={message.roll} />}
    </>
  )
}
