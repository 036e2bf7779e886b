import { useState } from 'react'
import { LOBBY } from '../../../src/places.js'
import { Header } from '../session/Header.js'
import { useSession } from '../session/session.js'
import { Mark } from '../ui/Mark.js'
import { PlaceLink } from '../ui/PlaceLink.js'
import { CreateRoom } from './CreateRoom.js'
import { Leaderboard } from './Leaderboard.js'
import { Rooms } from './Rooms.js'
import { Search } from './Search.js'

/** Between games: the rooms one may sit down in, and who leads. */
export function Lobby() {
  const { me } = useSession()
  const [query, setQuery] = useState('')
  return (
    <>
      <Header>
        <PlaceLink className="brand" to={LOBBY}>
          <Mark size={28} /> TableForge
        </PlaceLink>
      </Header>
      <main className="lobby">
        <div className="lobby-greeting">
          <div>
            <h1>Good to see you, {me.name}.</h1>
            <p className="soft">Sit down at a table, or set a new one.</p>
          </div>
          <CreateRoom />
        </div>
        <div className="lobby-columns">
          <div className="lobby-rooms">
            <Search query={query} onQuery={setQuery} />
            {query.trim() === '' && <Rooms />}
          </div>
          <Leaderboard />
        </div>
      </main>
    </>
  )
}
