import { useEffect } from 'react'
import type { Role } from '../../../src/protocol.js'
import { call } from '../server/call.js'
import { useLoaded } from '../server/use-loaded.js'
import { useSession } from '../session/session.js'
import { Complaint } from '../ui/Complaint.js'
import { useAction } from '../ui/use-action.js'
import { AssetRow } from './AssetRow.js'
import { UploadForm } from './UploadForm.js'

/** Pictures, handouts and sounds of a room. */
export function Assets({ roomId, role }: { roomId: string; role: Role | null }) {
  const { me, socket } = useSession()
  const { value, complaint, reload } = useLoaded(() => call('assets.ofRoom', { roomId }), roomId)
  const removing = useAction()
  useEffect(() => {
    const changed = (event: { roomId: string }) => event.roomId === roomId && reload()
    socket.on('room:assets', changed)
    return () => {
      socket.off('room:assets', changed)
    }
  }, [socket, roomId, reload])
  return (
    <section className="assets" aria-label="Assets">
      <Complaint text={complaint ?? removing.complaint} />
      {value?.assets.length === 0 && (
        <p className="empty">Nothing here yet: maps, handouts and token pictures go here.</p>
      )}
      <ul>
        {value?.assets.map((asset) => (
          <AssetRow
            key={asset.id}
            asset={asset}
            mayRemove={role === 'gm' || asset.ownerId === me.id}
            busy={removing.busy}
            onRemove={() => void removing.run(() => call('assets.delete', { assetId: asset.id })).then(reload)}
          />
        ))}
      </ul>
      {role !== 'spectator' && <UploadForm roomId={roomId} onUploaded={reload} />}
    </section>
  )
}
