/**
 * Plain data as YAML in block style. Texts are quoted as JSON quotes them, which YAML reads the same (YAML 1.2, 1.3),
 * unless they are simple words.
 *
 * @param {unknown} value @param {string} [indent] @returns {string}
 */
export function yaml(value, indent = '') {
  if (Array.isArray(value)) {
    if (value.length === 0) return ' []\n'
    return `\n${value.map((one) => `${indent}- ${yaml(one, `${indent}  `).trimStart()}`).join('')}`
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
    if (entries.length === 0) return ' {}\n'
    return `\n${entries.map(([key, one]) => `${indent}${scalar(key)}:${yaml(one, `${indent}  `)}`).join('')}`
  }
  return ` ${scalar(value)}\n`
}

const WORD = /^[A-Za-z_][A-Za-z0-9_-]*$/
const RESERVED = /^(true|false|null|yes|no|on|off|y|n)$/i

/** @param {unknown} value */
function scalar(value) {
  if (typeof value === 'string' && WORD.test(value) && !RESERVED.test(value)) return value
  return JSON.stringify(value)
}
