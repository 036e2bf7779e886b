import { Icon } from '../ui/Icon.js'
import type { CameraControl } from './use-camera.js'

interface Props {
  zoom: Pick<CameraControl, 'zoomIn' | 'zoomOut' | 'fit'>
  /** Left out: one may not add tokens. */
  onAdd: (() => void) | undefined
}

/** Buttons at the edge of the board. */
export function BoardTools({ zoom, onAdd }: Props) {
  return (
    <div className="board-tools" role="toolbar" aria-label="Board">
      {onAdd !== undefined && (
        <button type="button" className="button small" onClick={onAdd}>
          <Icon name="plus" size={16} /> Token
        </button>
      )}
      <button type="button" className="button small icon" onClick={zoom.zoomOut} title="Zoom out">
        <Icon name="minus" size={16} />
        <span className="hidden-visually">Zoom out</span>
      </button>
      <button type="button" className="button small icon" onClick={zoom.zoomIn} title="Zoom in">
        <Icon name="plus" size={16} />
        <span className="hidden-visually">Zoom in</span>
      </button>
      <button type="button" className="button small icon" onClick={zoom.fit} title="Fit the board">
        <Icon name="fit" size={16} />
        <span className="hidden-visually">Fit the board</span>
      </button>
    </div>
  )
}
