/** Dark or light ink, whichever is easier to read on a colour `#rrggbb` (WCAG 2 relative luminance). */
export function inkOn(color: string): '#1b130d' | '#fffaf0' {
  const linear = [1, 3, 5].map((start) => {
    const part = Number.parseInt(color.slice(start, start + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  const luminance = 0.2126 * linear[0]! + 0.7152 * linear[1]! + 0.0722 * linear[2]!
  // Where black and white ink contrast equally: (l + .05)/.05 = 1.05/(l + .05).
  return luminance > 0.179 ? '#1b130d' : '#fffaf0'
}

/** Up to two letters that stand for a name. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s_-]+/).filter((word) => /^[\p{L}\p{N}]/u.test(word))
  const letters =
    words.length > 1 ? [words[0], words.at(-1)].map((word) => [...(word ?? '')][0]) : [...name].slice(0, 2)
  return letters.join('').toUpperCase()
}
