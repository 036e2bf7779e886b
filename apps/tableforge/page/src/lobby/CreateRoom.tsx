import { type FormEvent, useState } from 'react'
import { LIMITS, Visibility } from '../../../src/protocol.js'
import { go } from '../navigation.js'
import { call } from '../server/call.js'
import { useLoaded } from '../server/use-loaded.js'
import { Complaint } from '../ui/Complaint.js'
import { Dialog } from '../ui/Dialog.js'
import { Icon } from '../ui/Icon.js'
import { useAction } from '../ui/use-action.js'

/** The button that sets a new table, and the questions that go with it. */
export function CreateRoom() {
  const [open, setOpen] = useState(false)
  return (
    <>
      <button type="button" className="button primary" onClick={() => setOpen(true)}>
        <Icon name="plus" /> Set a table
      </button>
      {open && (
        <Dialog title="Set a new table" onClose={() => setOpen(false)}>
          <CreateRoomForm />
        </Dialog>
      )}
    </>
  )
}

function CreateRoomForm() {
  const systems = useLoaded(() => call('systems.list', {}))
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState<string>()
  const [visibility, setVisibility] = useState<Visibility>('public')
  const creating = useAction()
  const systemId = chosen ?? systems.value?.systems[0]?.id
  const create = (event: FormEvent) => {
    event.preventDefault()
    if (systemId === undefined) return
    void creating.run(async () => {
      const room = await call('rooms.create', { name, systemId, visibility })
      go({ name: 'table', slug: room.slug })
    })
  }
  return (
    <form className="stack" onSubmit={create}>
      <label className="field">
        <span>Name</span>
        <input
          className="input"
          value={name}
          onChange={(event) => setName(event.target.value)}
          placeholder="The Lantern Inn"
          maxLength={LIMITS.nameLength}
          required
        />
      </label>
      <label className="field">
        <span>Game system</span>
        <select className="input" value={systemId ?? ''} onChange={(event) => setChosen(event.target.value)} required>
          {systems.value?.systems.map((system) => (
            <option key={system.id} value={system.id}>
              {system.name}
            </option>
          ))}
        </select>
      </label>
      <p className="soft fine">{systems.value?.systems.find((system) => system.id === systemId)?.description}</p>
      <fieldset className="choice">
        <legend className="label">Who may join</legend>
        {Visibility.options.map((option) => (
          <label key={option}>
            <input
              type="radio"
              name="visibility"
              checked={visibility === option}
              onChange={() => setVisibility(option)}
            />
            {option === 'public' ? 'Everybody' : 'Only those I add'}
          </label>
        ))}
      </fieldset>
      <Complaint text={creating.complaint ?? systems.complaint} />
      <button type="submit" className="button primary" disabled={creating.busy || systemId === undefined}>
        Set the table
      </button>
    </form>
  )
}
