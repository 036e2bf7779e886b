import { describe, expect, it } from 'vitest'
import { cardFace } from '../../page/src/cards/card-face.js'

describe('a card', () => {
  it.each([
    ['AS', 'ace of spades', false],
    ['10H', '10 of hearts', true],
    ['KD', 'king of diamonds', true],
    ['2C', '2 of clubs', false],
  ])('%s is spoken as the %s', (face, spoken, red) => {
    expect(cardFace(face)).toMatchObject({ spoken, red })
  })

  it('of another kind of deck is shown by its name', () => {
    expect(cardFace('The Tower')).toEqual({ rank: 'The Tower', suit: undefined, red: false, spoken: 'The Tower' })
  })
})
