import { type FormEvent, useState } from 'react'
import { LIMITS, type SessionInfo } from '../../../src/protocol.js'
import { call } from '../server/call.js'
import { Complaint } from '../ui/Complaint.js'
import { Mark } from '../ui/Mark.js'
import { ThemeToggle } from '../ui/ThemeToggle.js'
import { useAction } from '../ui/use-action.js'
import { TableScene } from './TableScene.js'

interface Props {
  /** Why one is here again, when one did not ask for it. */
  notice: string | undefined
  onSignIn: (session: SessionInfo) => void
}

/** The first page: a name is all it takes. */
export function Welcome({ notice, onSignIn }: Props) {
  const [name, setName] = useState('')
  const signIn = useAction()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void signIn.run(async () => onSignIn(await call('session.signIn', { name })))
  }
  return (
    <main className="welcome">
      <div className="welcome-theme">
        <ThemeToggle />
      </div>
      <section className="welcome-card">
        <p className="brand">
          <Mark size={40} /> TableForge
        </p>
        <h1>Pull up a chair.</h1>
        <p className="soft">A shared table for tokens, dice, cards and talk. Everyone sees it move.</p>
        {notice !== undefined && <p className="notice">{notice}</p>}
        <form onSubmit={submit}>
          <label className="field">
            <span>Your name at the table</span>
            <input
              className="input"
              name="name"
              value={name}
              onChange={(event) => setName(event.target.value)}
              maxLength={LIMITS.nameLength}
              autoComplete="nickname"
              required
            />
          </label>
          <button type="submit" className="button primary" disabled={signIn.busy}>
            {signIn.busy ? 'One moment…' : 'Take a seat'}
          </button>
          <Complaint text={signIn.complaint} />
        </form>
        <p className="soft fine">
          A new name makes a new player; a known one comes back to their rooms. No password: play among friends.
        </p>
      </section>
      <TableScene />
    </main>
  )
}
