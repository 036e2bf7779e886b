import { describe, expect, it } from 'vitest'
import { initialsOf, inkOn } from '../../page/src/ui/ink.js'

describe('initials', () => {
  it.each([
    ['Ada', 'AD'],
    ['Ada Lovelace', 'AL'],
    ['Aldous Birch (bot)', 'AB'],
    ['Élise de l’Orme', 'ÉL'],
    ['X', 'X'],
    ['(!)', '(!'],
  ])('of %s are %s', (name, initials) => {
    expect(initialsOf(name)).toBe(initials)
  })
})

describe('ink', () => {
  it.each([
    ['#ffffff', '#1b130d'],
    ['#000000', '#fffaf0'],
    ['#eab308', '#1b130d'],
    ['#1d4ed8', '#fffaf0'],
  ])('on %s is %s', (color, ink) => {
    expect(inkOn(color)).toBe(ink)
  })
})
