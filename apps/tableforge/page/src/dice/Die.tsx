/** Outlines of dice in a square of 48, by number of sides; others are drawn as a coin. */
const outlines: Record<number, { body: string; edges: string; middle: number }> = {
  4: { body: 'M24 4 45 42H3Z', edges: 'M24 4 24 30M24 30 45 42M24 30 3 42', middle: 33 },
  6: { body: 'M8 5h32a3 3 0 0 1 3 3v32a3 3 0 0 1-3 3H8a3 3 0 0 1-3-3V8a3 3 0 0 1 3-3Z', edges: '', middle: 24 },
  8: { body: 'M24 2 43 24 24 46 5 24Z', edges: 'M24 2 39 30H9ZM9 30 24 46 39 30', middle: 22 },
  10: {
    body: 'M24 2 45 20 45 28 24 46 3 28V20Z',
    edges: 'M24 2 36 28 24 34 12 28ZM36 28 45 24M12 28 3 24M24 34V46',
    middle: 21,
  },
  12: {
    body: 'M24 2 39 7 46 20V30L38 42 24 46 10 42 2 30V20L9 7Z',
    edges: 'M24 11 37 20 32 35H16L11 20ZM24 11V2M37 20 46 20M32 35 38 42M16 35 10 42M11 20H2',
    middle: 25,
  },
  20: {
    body: 'M24 2 44 13V35L24 46 4 35V13Z',
    edges: 'M24 10 37 32H11ZM24 10V2M24 10 44 13 37 32 44 35M24 10 4 13 11 32 4 35M11 32 24 46 37 32',
    middle: 26,
  },
}

const coin = { body: 'M24 3a21 21 0 1 0 0 42 21 21 0 0 0 0-42Z', edges: '', middle: 24 }

interface Props {
  sides: number
  /** What it shows; without one, its kind. */
  value?: number
  dropped?: boolean
  size?: number
}

/** One die, face up. The highest face shines, the lowest smoulders. */
export function Die({ sides, value, dropped = false, size = 44 }: Props) {
  const { body, edges, middle } = outlines[sides] ?? coin
  const luck = value === undefined || sides < 4 ? '' : value === sides ? 'best' : value === 1 ? 'worst' : ''
  const label = value ?? (sides === 100 ? '%' : sides)
  return (
    <svg
      className={`die ${luck} ${dropped ? 'dropped' : ''}`}
      viewBox="0 0 48 48"
      width={size}
      height={size}
      aria-hidden="true"
    >
      <path className="die-body" d={body} />
      <path className="die-edges" d={edges} />
      <text x="24" y={middle} dominantBaseline="central" fontSize={String(label).length > 2 ? 14 : 17}>
        {label}
      </text>
    </svg>
  )
}
