import { type KeyboardEvent, type ReactNode, useId, useState } from 'react'

export interface Tab {
  readonly name: string
  /** A figure beside the name: what is new there. */
  readonly badge?: number
  readonly content: ReactNode
}

const step: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1 }

/**
 * Panels of which one is shown (WAI-ARIA tabs: arrows move between them). All stay mounted, so that a half-written
 * message survives a look at another panel.
 */
export function Tabs({
  label,
  tabs,
  onShow,
}: {
  label: string
  tabs: readonly Tab[]
  onShow?: (name: string) => void
}) {
  const [chosen, setChosen] = useState(tabs[0]?.name)
  const id = useId()
  const shown = tabs.some((tab) => tab.name === chosen) ? chosen : tabs[0]?.name
  const show = (name: string) => {
    setChosen(name)
    onShow?.(name)
  }
  const move = (event: KeyboardEvent<HTMLElement>) => {
    const by = step[event.key]
    if (by === undefined) return
    const index = tabs.findIndex((tab) => tab.name === shown)
    const next = tabs[(index + by + tabs.length) % tabs.length]!
    show(next.name)
    document.getElementById(`${id}-${next.name}-tab`)?.focus()
  }
  return (
    <div className="tabs">
      <div className="tab-list" role="tablist" aria-label={label} onKeyDown={move}>
        {tabs.map(({ name, badge = 0 }) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`${id}-${name}-tab`}
            aria-selected={name === shown}
            aria-controls={`${id}-${name}`}
            tabIndex={name === shown ? 0 : -1}
            onClick={() => show(name)}
          >
            {name}
            {badge > 0 && <span className="badge">{badge > 99 ? '99+' : badge}</span>}
          </button>
        ))}
      </div>
      {tabs.map(({ name, content }) => (
        <div
          key={name}
          className="tab-panel"
          role="tabpanel"
          id={`${id}-${name}`}
          aria-labelledby={`${id}-${name}-tab`}
          hidden={name !== shown}
        >
          {content}
        </div>
      ))}
    </div>
  )
}
