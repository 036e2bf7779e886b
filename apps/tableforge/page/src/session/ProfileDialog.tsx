import { type FormEvent, useState } from 'react'
import { LIMITS, type Profile } from '../../../src/protocol.js'
import { call } from '../server/call.js'
import { useLoaded } from '../server/use-loaded.js'
import { Complaint } from '../ui/Complaint.js'
import { Dialog } from '../ui/Dialog.js'
import { useAction } from '../ui/use-action.js'
import { useSession } from './session.js'

/** One's own name, colour and few words about oneself. */
export function ProfileDialog({ onClose }: { onClose: () => void }) {
  const { me } = useSession()
  const profile = useLoaded(() => call('profile.get', { userId: me.id }))
  return (
    <Dialog title="Your profile" onClose={onClose}>
      <Complaint text={profile.complaint} />
      {profile.value !== undefined && <ProfileForm profile={profile.value} onClose={onClose} />}
    </Dialog>
  )
}

function ProfileForm({ profile, onClose }: { profile: Profile; onClose: () => void }) {
  const { rename } = useSession()
  const [name, setName] = useState(profile.name)
  const [color, setColor] = useState(profile.color)
  const [bio, setBio] = useState(profile.bio)
  const saving = useAction()
  const save = async (event: FormEvent) => {
    event.preventDefault()
    const saved = await saving.run(async () => {
      const updated = await call('profile.update', { name, color, bio })
      rename({ id: updated.id, name: updated.name, color: updated.color })
    })
    if (saved) onClose()
  }
  return (
    <form className="stack" onSubmit={save}>
      <div className="row">
        <label className="field grow">
          <span>Name</span>
          <input
            className="input"
            value={name}
            onChange={(event) => setName(event.target.value)}
            maxLength={LIMITS.nameLength}
            required
          />
        </label>
        <label className="field">
          <span>Colour</span>
          <input className="swatch" type="color" value={color} onChange={(event) => setColor(event.target.value)} />
        </label>
      </div>
      <label className="field">
        <span>About you</span>
        <textarea
          className="input"
          rows={3}
          value={bio}
          onChange={(event) => setBio(event.target.value)}
          maxLength={LIMITS.bioLength}
        />
      </label>
      <p className="soft fine">
        {profile.score} points, {profile.roomCount} {profile.roomCount === 1 ? 'room' : 'rooms'}
      </p>
      <Complaint text={saving.complaint} />
      <button type="submit" className="button primary" disabled={saving.busy}>
        Save
      </button>
    </form>
  )
}
