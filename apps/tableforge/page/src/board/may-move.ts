import type { Role, Token } from '../../../src/protocol.js'

/** Game masters move everything, players what is theirs or nobody's. */
export const mayMove = (token: Token, userId: string, role: Role | null): boolean =>
  role === 'gm' || (role === 'player' && (token.ownerId === null || token.ownerId === userId))
