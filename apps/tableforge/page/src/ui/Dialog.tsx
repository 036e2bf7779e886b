import { type ReactNode, useEffect, useId, useRef } from 'react'
import { Icon } from './Icon.js'

/** A modal window over the page; Escape, the cross and a click beside it close it. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  const element = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useEffect(() => {
    const dialog = element.current
    dialog?.showModal()
    return () => dialog?.close()
  }, [])
  return (
    <dialog
      ref={element}
      className="dialog"
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onPointerDown={(event) => event.target === element.current && onClose()}
    >
      <div className="dialog-body">
        <header>
          <h2 id={heading}>{title}</h2>
          <button type="button" className="button quiet small icon" onClick={onClose}>
            <Icon name="close" />
            <span className="hidden-visually">Close</span>
          </button>
        </header>
        {children}
      </div>
    </dialog>
  )
}
