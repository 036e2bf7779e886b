/** The sign of TableForge: a twenty-sided die, its front face glowing from the forge. */
export function Mark({ size = 32 }: { size?: number }) {
  return (
    <svg className="mark" viewBox="0 0 48 48" width={size} height={size} aria-hidden="true">
      <path className="mark-body" d="M24 2.5 43 13.3v21.4L24 45.5 5 34.7V13.3Z" />
      <path className="mark-face" d="M24 12.5 35 31H13Z" />
      <path
        className="mark-edges"
        d="M24 2.5v10M43 13.3 24 12.5 5 13.3M43 34.7 35 31l8-17.7M5 34.7 13 31 5 13.3M13 31l11 14.5L35 31"
      />
    </svg>
  )
}
