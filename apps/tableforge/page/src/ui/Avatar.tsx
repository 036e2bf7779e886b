import type { User } from '../../../src/protocol.js'
import { initialsOf, inkOn } from './ink.js'

/** A person as a disc of their colour. Decorative: the name stands beside it. */
export function Avatar({ user, size = 28 }: { user: Pick<User, 'name' | 'color'>; size?: number }) {
  return (
    <span
      className="avatar"
      style={{
        width: size,
        height: size,
        fontSize: size * 0.4,
        backgroundColor: user.color,
        color: inkOn(user.color),
      }}
      aria-hidden="true"
    >
      {initialsOf(user.name)}
    </span>
  )
}
