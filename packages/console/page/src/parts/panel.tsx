import { type ReactNode, useId } from 'react'

/** A titled part of a view. `note` says in a few words what the figures cover. */
export function Panel({
  title,
  note,
  actions,
  area,
  children,
}: {
  title: string
  note?: ReactNode
  actions?: ReactNode
  area?: string
  children: ReactNode
}) {
  const id = useId()
  return (
    <section className="panel" aria-labelledby={id} data-area={area}>
      <header className="panel-head">
        <h2 id={id}>{title}</h2>
        {note !== undefined && <p className="note">{note}</p>}
        {actions}
      </header>
      {children}
    </section>
  )
}

/** Said in place of a picture that there is nothing to draw from. */
export function Nothing({ children }: { children: ReactNode }) {
  return <p className="nothing">{children}</p>
}
