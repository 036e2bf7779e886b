import type { Asset } from '../../../src/protocol.js'
import { Icon } from '../ui/Icon.js'

const size = (bytes: number) => (bytes < 1_024 ? `${bytes} B` : `${(bytes / 1_024).toFixed(bytes < 10_240 ? 1 : 0)} kB`)
const whose: Record<Asset['access'], string> = { public: 'public', room: 'for this table', private: 'only you' }

interface Props {
  asset: Asset
  mayRemove: boolean
  busy: boolean
  onRemove: () => void
}

export function AssetRow({ asset, mayRemove, busy, onRemove }: Props) {
  return (
    <li className="asset">
      {asset.contentType.startsWith('image/') ? (
        <img src={asset.url} alt="" width={40} height={40} loading="lazy" />
      ) : (
        <span className="asset-kind" aria-hidden="true">
          {asset.kind === 'sound' ? '♪' : '¶'}
        </span>
      )}
      <div className="player-words">
        <p>
          <a href={asset.url} target="_blank" rel="noreferrer">
            {asset.name}
          </a>
        </p>
        <p className="soft fine figure">
          {asset.kind} · {size(asset.bytes)} · {whose[asset.access]}
        </p>
      </div>
      {mayRemove && (
        <button type="button" className="button small icon quiet" disabled={busy} onClick={onRemove} title="Remove">
          <Icon name="trash" size={16} />
          <span className="hidden-visually">Remove {asset.name}</span>
        </button>
      )}
    </li>
  )
}
