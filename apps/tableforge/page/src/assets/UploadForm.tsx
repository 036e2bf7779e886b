import { type FormEvent, useId, useRef, useState } from 'react'
import { AssetAccess, AssetKind, LIMITS, UPLOAD_TYPES } from '../../../src/protocol.js'
import { call } from '../server/call.js'
import { Complaint } from '../ui/Complaint.js'
import { Icon } from '../ui/Icon.js'
import { useAction } from '../ui/use-action.js'

const audience: Record<AssetAccess, string> = { room: 'This table', public: 'Everybody', private: 'Only me' }

/** Says why a file cannot be taken, before it travels. */
function objection(file: File): string | undefined {
  const types: readonly string[] = UPLOAD_TYPES
  if (!types.includes(file.type)) return `${file.name} is neither a picture, nor a sound, nor text.`
  if (file.size > LIMITS.uploadBytes) return `${file.name} is larger than ${LIMITS.uploadBytes / 1_024} kB.`
  return undefined
}

export function UploadForm({ roomId, onUploaded }: { roomId: string; onUploaded: () => void }) {
  const [file, setFile] = useState<File>()
  const [kind, setKind] = useState<AssetKind>('token')
  const [access, setAccess] = useState<AssetAccess>('room')
  const picker = useRef<HTMLInputElement>(null)
  const id = useId()
  const uploading = useAction()
  const upload = (event: FormEvent) => {
    event.preventDefault()
    if (file === undefined) return
    void uploading.run(async () => {
      const reason = objection(file)
      if (reason !== undefined) throw new Error(reason)
      await call('assets.upload', { roomId, name: file.name.slice(0, 80), kind, access }, file)
      setFile(undefined)
      if (picker.current !== null) picker.current.value = ''
      onUploaded()
    })
  }
  return (
    <form className="upload stack" onSubmit={upload}>
      <div>
        <input
          ref={picker}
          id={id}
          className="hidden-visually picker"
          type="file"
          accept={UPLOAD_TYPES.join(',')}
          onChange={(event) => setFile(event.target.files?.[0])}
        />
        <label htmlFor={id} className="drop">
          <Icon name="upload" size={18} /> {file === undefined ? 'Choose a file' : file.name}
        </label>
      </div>
      <div className="row">
        <label className="grow">
          <span className="hidden-visually">Kind</span>
          <select
            className="input small"
            value={kind}
            onChange={(event) => setKind(AssetKind.parse(event.target.value))}
          >
            {AssetKind.options.map((option) => (
              <option key={option}>{option}</option>
            ))}
          </select>
        </label>
        <label className="grow">
          <span className="hidden-visually">For whom</span>
          <select
            className="input small"
            value={access}
            onChange={(event) => setAccess(AssetAccess.parse(event.target.value))}
          >
            {(['room', 'public', 'private'] as const).map((option) => (
              <option key={option} value={option}>
                {audience[option]}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" className="button small primary" disabled={file === undefined || uploading.busy}>
          Upload
        </button>
      </div>
      {kind === 'token' && access !== 'public' && (
        <p className="soft fine">To be put on a token, a picture must be for everybody.</p>
      )}
      <Complaint text={uploading.complaint} />
    </form>
  )
}
