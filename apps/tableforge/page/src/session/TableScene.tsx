/** A picture of a table in play, for the first page. */
export function TableScene() {
  return (
    <svg className="scene" viewBox="0 0 560 520" role="img" aria-label="A round table with tokens, cards and dice">
      <ellipse className="scene-shadow" cx="280" cy="500" rx="190" ry="16" />
      <circle className="scene-rim" cx="280" cy="260" r="236" />
      <circle className="scene-rim-light" cx="280" cy="260" r="228" />
      <circle className="scene-felt" cx="280" cy="260" r="212" />
      <g className="scene-grid">
        {[-3, -2, -1, 0, 1, 2, 3].map((line) => {
          const half = Math.sqrt(206 ** 2 - (line * 52) ** 2)
          const at = 52 * line
          return (
            <path key={line} d={`M${280 + at} ${260 - half}V${260 + half}M${280 - half} ${260 + at}H${280 + half}`} />
          )
        })}
      </g>
      <g className="scene-token" transform="translate(202 182)">
        <circle r="22" fill="#c2603a" />
        <text y="6">Br</text>
      </g>
      <g className="scene-token" transform="translate(306 234)">
        <circle r="22" fill="#3f6f9f" />
        <text y="6">Il</text>
      </g>
      <path className="scene-path" d="M229 172C262 160 296 176 303 204" />
      <g className="scene-token" transform="translate(358 130)">
        <circle r="30" fill="#5c4a80" />
        <text y="6">Dr</text>
      </g>
      <g transform="translate(150 330) rotate(-14)">
        <rect className="scene-card-back" x="-34" y="-46" width="62" height="88" rx="7" />
      </g>
      <g transform="translate(176 334) rotate(2)">
        <rect className="scene-card" x="-30" y="-44" width="62" height="88" rx="7" />
        <text className="scene-rank" x="-20" y="-20">
          A
        </text>
        <path className="scene-pip" d="M1-10c8-12 22 0 0 20C-21-10-7-22 1-10Z" />
      </g>
      <g className="scene-die" transform="translate(366 340) rotate(12)">
        <path d="M0-46 40-23V23L0 46-40 23V-23Z" />
        <path className="scene-die-face" d="M0-26 23 14H-23Z" />
        <path className="scene-die-edges" d="M0-46V-26L40-23 23 14 40 23M0-26-40-23-23 14-40 23M-23 14 0 46 23 14" />
        <text y="7">20</text>
      </g>
      <g className="scene-die small" transform="translate(300 392) rotate(-18)">
        <rect x="-20" y="-20" width="40" height="40" rx="7" />
        <circle cx="-9" cy="-9" r="3.6" />
        <circle cx="9" cy="9" r="3.6" />
        <circle cx="0" cy="0" r="3.6" />
        <circle cx="9" cy="-9" r="3.6" />
        <circle cx="-9" cy="9" r="3.6" />
      </g>
    </svg>
  )
}
