import { type ReactNode, useState } from 'react'
import { Notifications } from '../lobby/Notifications.js'
import { Avatar } from '../ui/Avatar.js'
import { Icon } from '../ui/Icon.js'
import { ThemeToggle } from '../ui/ThemeToggle.js'
import { useAction } from '../ui/use-action.js'
import { ConnectionState } from './ConnectionState.js'
import { ProfileDialog } from './ProfileDialog.js'
import { useSession } from './session.js'

/** The bar on top: where one is (`children`), whether it is live, and what concerns oneself. */
export function Header({ children }: { children: ReactNode }) {
  const { me, signOut } = useSession()
  const [editing, setEditing] = useState(false)
  const leaving = useAction()
  return (
    <header className="header">
      <div className="header-place">{children}</div>
      <ConnectionState />
      <nav className="header-own" aria-label="You">
        <Notifications />
        <ThemeToggle />
        <button type="button" className="button quiet me" onClick={() => setEditing(true)} title="Your profile">
          <Avatar user={me} size={26} />
          <span className="me-name">{me.name}</span>
          <span className="hidden-visually">, your profile</span>
        </button>
        <button
          type="button"
          className="button quiet icon"
          disabled={leaving.busy}
          onClick={() => void leaving.run(signOut)}
          title={leaving.complaint ?? 'Sign out'}
        >
          <Icon name="door" />
          <span className="hidden-visually">Sign out</span>
        </button>
      </nav>
      {editing && <ProfileDialog onClose={() => setEditing(false)} />}
    </header>
  )
}
