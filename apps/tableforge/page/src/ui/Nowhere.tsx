import { LOBBY } from '../../../src/places.js'
import { PlaceLink } from './PlaceLink.js'

/** What stands at an address that leads nowhere, and the way out. */
export function Nowhere() {
  return (
    <main className="door">
      <h1>Nothing here</h1>
      <p className="soft">No page of TableForge has this address.</p>
      <PlaceLink className="button primary" to={LOBBY}>
        To the tables
      </PlaceLink>
    </main>
  )
}
