/** What is cached in comparisons: the state of a room as TableForge has it, of about a given size as JSON. */
export function roomOf(id: string, jsonBytes: number): { readonly id: string; readonly [name: string]: unknown } {
  const seed = [...id].reduce((sum, character) => (Math.imul(sum, 31) + character.charCodeAt(0)) >>> 0, 7)
  const tokens: unknown[] = []
  const room = {
    id,
    name: `The Sunken Keep ${seed % 100}`,
    ownerId: `user-${seed % 1_000}`,
    open: seed % 2 === 0,
    createdAt: 1_763_800_000_000 + (seed % 1_000_000),
    settings: { grid: 'hex', cellSize: 64.5, fog: false, music: null },
    tokens,
  }
  for (let at = 0; JSON.stringify(room).length < jsonBytes - 60; at++) {
    const draw = (seed + Math.imul(at, 2_654_435_761)) >>> 0
    tokens.push({
      id: `token-${at}`,
      kind: ['monster', 'player', 'object'][draw % 3],
      x: (draw % 40_000) / 100,
      y: ((draw >>> 3) % 40_000) / 100,
      hp: draw % 90,
      owner: `user-${draw % 7}`,
      visible: draw % 5 !== 0,
      marks: ['a', 'boss'],
    })
  }
  return room
}
