import type { Token } from '../../../src/protocol.js'
import type { Point } from './geometry.js'
import { labelPlaces } from './labels.js'

interface Props {
  tokens: readonly Token[]
  /** Where tokens are shown that move from this page. */
  local: ReadonlyMap<string, Point>
  zoom: number
}

/** The names of all tokens, above every disc. Screen readers hear them from the tokens. */
export function TokenNames({ tokens, local, zoom }: Props) {
  const places = labelPlaces(
    tokens.map((token) => ({ ...token, ...local.get(token.id) })),
    zoom,
  )
  return (
    <div aria-hidden="true">
      {tokens.map(({ id, name }) => (
        <span
          key={id}
          className={local.has(id) ? 'token-name mine' : 'token-name'}
          style={{ transform: `translate(${places.get(id)!.x}px, ${places.get(id)!.y}px) translateX(-50%)` }}
        >
          {name}
        </span>
      ))}
    </div>
  )
}
