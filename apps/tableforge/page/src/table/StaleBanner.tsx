import { useSession } from '../session/session.js'

interface Props {
  current: boolean
  complaint: string | undefined
}

/** Says so while what one sees may be out of date, and why. */
export function StaleBanner({ current, complaint }: Props) {
  const { connection } = useSession()
  if (complaint !== undefined) {
    return (
      <p className="banner" role="alert">
        {complaint}
      </p>
    )
  }
  if (current || connection === 'connecting') return null
  return (
    <p className="banner" role="status">
      {connection === 'lost'
        ? 'The connection is lost. You see the table as it was; nothing can be moved until it is back.'
        : 'Catching up with the table…'}
    </p>
  )
}
