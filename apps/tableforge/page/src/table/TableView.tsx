import { type ReactNode, useEffect, useState } from 'react'
import type { Role, RoomSummary } from '../../../src/protocol.js'
import { Assets } from '../assets/Assets.js'
import { Board } from '../board/Board.js'
import { Cards } from '../cards/Cards.js'
import { Chat } from '../chat/Chat.js'
import { DiceTray } from '../dice/DiceTray.js'
import { Players } from '../players/Players.js'
import { call } from '../server/call.js'
import { useLoaded } from '../server/use-loaded.js'
import { Header } from '../session/Header.js'
import { useSession } from '../session/session.js'
import { Tabs } from '../ui/Tabs.js'
import { useMediaQuery } from '../ui/use-media-query.js'
import { RoomTitle } from './RoomTitle.js'
import { StaleBanner } from './StaleBanner.js'
import { type Table, useTable } from './use-table.js'

interface Props {
  room: RoomSummary
  role: Role
  /** One is no longer a member, or the room is gone. */
  onLost: () => void
}

/** A table in play: the board in the middle, talk and people beside it, dice and cards below; in tabs on a phone. */
export function TableView({ room: summary, role: initialRole, onLost }: Props) {
  const table = useTable(summary.id, initialRole)
  const { state } = table
  useEffect(() => {
    if (state.deleted || state.role === null) onLost()
  }, [state.deleted, state.role, onLost])
  const room = state.held?.room
  return (
    <div className="table-page">
      <Header>
        <RoomTitle
          room={{ id: summary.id, name: room?.name ?? summary.name }}
          role={state.role}
          systemName={summary.systemName}
        />
      </Header>
      <StaleBanner current={table.current} complaint={table.complaint} />
      {room === undefined ? (
        <main className="waiting" aria-busy="true">
          <p>Sitting down…</p>
        </main>
      ) : (
        <Arranged
          table={table}
          systemId={summary.systemId}
          board={
            <Board
              room={room}
              role={state.role}
              players={state.players}
              current={table.current}
              dispatch={table.dispatch}
            />
          }
        />
      )}
    </div>
  )
}

function Arranged({ table, systemId, board }: { table: Table; systemId: string; board: ReactNode }) {
  const wide = useMediaQuery('(min-width: 960px)')
  const panels = usePanels(table, systemId)
  const chat = useChatTab(table, panels.chat)
  const rest = [
    { name: 'Players', content: panels.players },
    { name: 'Assets', content: panels.assets },
  ]
  return (
    <main className={wide ? 'table wide' : 'table narrow'}>
      {board}
      {wide && (
        <div className="dock">
          {panels.dice}
          {panels.cards}
        </div>
      )}
      <div className="side">
        {wide ? (
          <Tabs label="Around the table" tabs={[chat.tab, ...rest]} onShow={chat.onShow} />
        ) : (
          <Tabs
            label="Around the table"
            tabs={[chat.tab, { name: 'Dice', content: panels.dice }, { name: 'Cards', content: panels.cards }, ...rest]}
            onShow={chat.onShow}
          />
        )}
      </div>
    </main>
  )
}

function usePanels({ state, dispatch, current }: Table, systemId: string) {
  const roomId = state.held?.room.roomId ?? ''
  const decks = state.held?.room.decks ?? []
  const system = useLoaded(() => call('systems.get', { systemId }), systemId)
  const latest = state.chat.entries.findLast((entry) => entry.kind === 'message' && entry.message.roll !== null)
  return {
    chat: <Chat roomId={roomId} chat={state.chat} players={state.players} disabled={!current} dispatch={dispatch} />,
    dice: (
      <DiceTray
        roomId={roomId}
        usual={system.value?.defaultDice ?? '1d20'}
        latest={latest?.kind === 'message' ? latest.message : undefined}
        disabled={!current}
      />
    ),
    cards: (
      <Cards
        roomId={roomId}
        decks={decks}
        hand={state.hand}
        role={state.role}
        disabled={!current}
        dispatch={dispatch}
      />
    ),
    players: <Players roomId={roomId} players={state.players} online={state.online} decks={decks} role={state.role} />,
    assets: <Assets roomId={roomId} role={state.role} />,
  }
}

/** The chat's tab, with the number of lines that came while another one was shown. */
function useChatTab({ state }: Table, content: ReactNode) {
  const { me } = useSession()
  const [leftAt, setLeftAt] = useState<number>()
  const entries = state.chat.entries
  const unread =
    leftAt === undefined
      ? 0
      : entries.filter(
          (entry) =>
            entry.at > leftAt && (entry.kind === 'whisper' ? entry.whisper.from : entry.message.author).id !== me.id,
        ).length
  const onShow = (name: string) => setLeftAt(name === 'Chat' ? undefined : (leftAt ?? entries.at(-1)?.at ?? 0))
  return { tab: { name: 'Chat', badge: unread, content }, onShow }
}
