import { useCallback, useEffect, useId, useRef, useState } from 'react'
import { call } from '../server/call.js'
import { useLoaded } from '../server/use-loaded.js'
import { useSession } from '../session/session.js'
import { ago } from '../ui/ago.js'
import { Complaint } from '../ui/Complaint.js'
import { Icon } from '../ui/Icon.js'

/** The bell: what happened to oneself while one looked elsewhere. Closing it marks everything as read. */
export function Notifications() {
  const { socket } = useSession()
  const { value, complaint, reload } = useLoaded(() => call('notifications.list', {}))
  const [open, setOpen] = useState(false)
  const corner = useRef<HTMLDivElement>(null)
  const panel = useId()
  const unread = value?.unread ?? 0

  useEffect(() => {
    socket.on('notification', reload)
    return () => {
      socket.off('notification', reload)
    }
  }, [socket, reload])

  const close = useCallback(() => {
    setOpen(false)
    if (unread > 0) call('notifications.read', {}).then(reload, reload)
  }, [unread, reload])

  useEffect(() => {
    if (!open) return
    const closeOutside = (event: Event) => {
      if (!corner.current?.contains(event.target as Node)) close()
    }
    document.addEventListener('pointerdown', closeOutside)
    return () => document.removeEventListener('pointerdown', closeOutside)
  }, [open, close])

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape closes the panel from anywhere within
    <div className="notifications" ref={corner} onKeyDown={(event) => event.key === 'Escape' && close()}>
      <button
        type="button"
        className="button quiet icon"
        aria-expanded={open}
        aria-controls={panel}
        onClick={() => (open ? close() : setOpen(true))}
        title="Notifications"
      >
        <Icon name="bell" />
        {unread > 0 && <span className="badge">{unread}</span>}
        <span className="hidden-visually">Notifications{unread > 0 ? `, ${unread} unread` : ''}</span>
      </button>
      <div id={panel} className="popover" hidden={!open}>
        <h2>Notifications</h2>
        <Complaint text={complaint} />
        {value?.notifications.length === 0 && <p className="empty">Nothing has happened yet.</p>}
        <ul>
          {value?.notifications.map((notification) => (
            <li key={notification.id} className={notification.read ? undefined : 'unread'}>
              <p>{notification.text}</p>
              <p className="soft fine">{ago(notification.at)}</p>
            </li>
          ))}
        </ul>
      </div>
    </div>
  )
}
