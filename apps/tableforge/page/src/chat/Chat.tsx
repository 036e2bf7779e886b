import { type Dispatch, useLayoutEffect, useRef } from 'react'
import type { Player } from '../../../src/protocol.js'
import { call } from '../server/call.js'
import type { TableEvent } from '../table/table-state.js'
import { Complaint } from '../ui/Complaint.js'
import { useAction } from '../ui/use-action.js'
import { ChatLine } from './ChatLine.js'
import { Composer } from './Composer.js'
import type { ChatLog } from './chat-log.js'

interface Props {
  roomId: string
  chat: ChatLog
  players: readonly Player[]
  disabled: boolean
  dispatch: Dispatch<TableEvent>
}

/** The talk at the table: newest at the bottom, older pages on request, whispers among it for whom they are meant. */
export function Chat({ roomId, chat, players, disabled, dispatch }: Props) {
  const scroll = useRef<HTMLDivElement>(null)
  const older = useAction()
  useStickyEnd(scroll, chat)
  const loadOlder = () =>
    older.run(async () => {
      dispatch({ type: 'chat.older', page: await call('chat.page', { roomId, page: chat.oldest - 1 }) })
    })
  return (
    <section className="chat" aria-label="Chat">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <div className="chat-scroll" ref={scroll} role="log" aria-label="Messages" tabIndex={0}>
        {chat.oldest > 0 && (
          <button
            type="button"
            className="button small quiet older"
            disabled={older.busy}
            onClick={() => void loadOlder()}
          >
            {older.busy ? 'Looking back…' : 'Show what was said earlier'}
          </button>
        )}
        <Complaint text={older.complaint} />
        {chat.entries.length === 0 && <p className="empty">Nothing has been said yet. Say hello.</p>}
        <ol>
          {chat.entries.map((entry) => (
            <ChatLine key={entry.id} entry={entry} />
          ))}
        </ol>
      </div>
      <Composer roomId={roomId} players={players} disabled={disabled} />
    </section>
  )
}

/** Follows the newest line while one is reading it, and keeps one's place when older lines appear above. */
function useStickyEnd(scroll: React.RefObject<HTMLDivElement | null>, chat: ChatLog): void {
  const before = useRef({ height: 0, atEnd: true, first: '' })
  useLayoutEffect(() => {
    const element = scroll.current
    if (element === null) return
    const remember = () => {
      if (element.clientHeight === 0) return
      before.current.atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < 60
    }
    const follow = () => {
      if (before.current.atEnd) element.scrollTop = element.scrollHeight
    }
    element.addEventListener('scroll', remember, { passive: true })
    // Another panel was shown, or the window changed its size.
    const observer = new ResizeObserver(follow)
    observer.observe(element)
    return () => {
      element.removeEventListener('scroll', remember)
      observer.disconnect()
    }
  }, [scroll])
  useLayoutEffect(() => {
    const element = scroll.current
    if (element === null) return
    const first = chat.entries[0]?.id ?? ''
    const grewAbove = first !== before.current.first && before.current.first !== ''
    if (before.current.atEnd) element.scrollTop = element.scrollHeight
    else if (grewAbove) element.scrollTop += element.scrollHeight - before.current.height
    before.current.height = element.scrollHeight
    before.current.first = first
  }, [scroll, chat])
}
