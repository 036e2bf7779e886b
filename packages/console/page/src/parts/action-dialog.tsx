import { type FormEvent, useEffect, useId, useRef, useState } from 'react'
import { bytes, count, duration } from '../../../src/format.js'
import type { Action, ActionPreview, ActionRecord, SessionInfo } from '../../../src/wire.js'
import { previewAction, runAction } from '../api.js'
import { asOfTheForm } from '../field-names.js'
import { resultOf, verbOf } from './action-words.js'

/** Of the keys that are hit, so many are named. */
const SHOWN_KEYS = 8

type Stage =
  | { readonly at: 'asking' }
  | { readonly at: 'shown'; readonly preview: ActionPreview; readonly problem?: string }
  | { readonly at: 'doing'; readonly preview: ActionPreview }
  | { readonly at: 'done'; readonly record: ActionRecord }
  | { readonly at: 'refused'; readonly problem: string }

/** An action on its way: what it would hit, the question, and what came of it. Escape leaves it at any time. */
export function ActionDialog({
  session,
  action,
  onClose,
}: {
  session: SessionInfo
  action: Action
  onClose: () => void
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const title = useId()
  const [stage, setStage] = useState<Stage>({ at: 'asking' })

  useEffect(() => {
    dialog.current?.showModal()
  }, [])

  useEffect(() => {
    let left = false
    previewAction(session, action).then(
      (preview) => !left && setStage({ at: 'shown', preview }),
      (error: unknown) => !left && setStage({ at: 'refused', problem: messageOf(error) }),
    )
    return () => {
      left = true
    }
  }, [session, action])

  const confirm = (preview: ActionPreview, reason: string) => {
    setStage({ at: 'doing', preview })
    runAction(session, preview, reason).then(
      (record) => setStage({ at: 'done', record }),
      (error: unknown) => setStage({ at: 'shown', preview, problem: messageOf(error) }),
    )
  }

  return (
    <dialog ref={dialog} className="dialog" aria-labelledby={title} onClose={onClose}>
      <h2 id={title}>{titleOf(stage)}</h2>
      {stage.at === 'asking' && <p className="nothing">Looking at what it would hit…</p>}
      {(stage.at === 'shown' || stage.at === 'doing') && (
        <Question
          preview={stage.preview}
          problem={stage.at === 'shown' ? stage.problem : undefined}
          busy={stage.at === 'doing'}
          namespace={session.namespace}
          onConfirm={(reason) => confirm(stage.preview, reason)}
          onCancel={() => dialog.current?.close()}
        />
      )}
      {stage.at === 'refused' && <p className="problem" role="alert">{`▲ ${stage.problem}`}</p>}
      {stage.at === 'done' && <Outcome record={stage.record} />}
      {(stage.at === 'done' || stage.at === 'refused') && (
        <p className="buttons">
          <button type="button" onClick={() => dialog.current?.close()}>
            Close
          </button>
        </p>
      )}
    </dialog>
  )
}

function titleOf(stage: Stage): string {
  if (stage.at === 'asking') return 'One moment'
  if (stage.at === 'refused') return 'That cannot be done'
  return stage.at === 'done' ? stage.record.summary : `${stage.preview.summary}?`
}

function Question({
  preview,
  problem,
  busy,
  namespace,
  onConfirm,
  onCancel,
}: {
  preview: ActionPreview
  problem: string | undefined
  busy: boolean
  namespace: string
  onConfirm: (reason: string) => void
  onCancel: () => void
}) {
  const id = useId()
  const [reason, setReason] = useState('')
  const [typed, setTyped] = useState('')
  const drastic = preview.action.type === 'clear'
  const ready = reason.trim() !== '' && (!drastic || typed === namespace)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (ready && !busy) onConfirm(reason)
  }
  return (
    <form className="question" onSubmit={submit}>
      <Covered preview={preview} />
      {preview.warnings.map((warning) => (
        <p key={warning} className="warning">{`▲ ${warning}`}</p>
      ))}
      <label htmlFor={`${id}-reason`}>Why, for the audit trail</label>
      <input
        id={`${id}-reason`}
        type="text"
        value={reason}
        maxLength={500}
        required
        autoComplete="off"
        onChange={(event) => setReason(event.target.value)}
      />
      {drastic && (
        <>
          <label htmlFor={`${id}-name`}>
            Type the namespace <code>{namespace}</code> to confirm
          </label>
          <input
            id={`${id}-name`}
            type="text"
            value={typed}
            required
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setTyped(event.target.value)}
          />
        </>
      )}
      {problem !== undefined && <p className="problem" role="alert">{`▲ ${problem}`}</p>}
      <p className="buttons">
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
        <button type="submit" className={drastic ? 'act drastic' : 'act'} disabled={!ready || busy}>
          {busy ? 'Doing it…' : verbOf(preview.action)}
        </button>
      </p>
    </form>
  )
}

/** What an invalidation covers now, or the keys that would be read. */
function Covered({ preview: { covers, keys } }: { preview: ActionPreview }) {
  const shown = covers?.keys ?? keys ?? []
  return (
    <>
      {covers !== undefined && (
        <dl className="facts">
          <div>
            <dt>In memory, this node</dt>
            <dd>
              {count(covers.memory.entries)} entries <span className="detail">{bytes(covers.memory.bytes)}</span>
            </dd>
          </div>
          <div>
            <dt>In the remote tier</dt>
            <dd>
              {covers.remote === undefined
                ? 'did not answer'
                : `${covers.remote.complete ? '' : 'at least '}${count(covers.remote.entries)} entries`}{' '}
              {covers.remote !== undefined && (
                <span className="detail">of {count(covers.remote.examined)} looked at</span>
              )}
            </dd>
          </div>
        </dl>
      )}
      {keys !== undefined && <p>{keys.length === 0 ? 'No keys are known.' : `${count(keys.length)} keys are read:`}</p>}
      {shown.length > 0 && (
        <ul className="tags" aria-label="Some of the keys">
          {shown.slice(0, SHOWN_KEYS).map((key) => (
            <li key={key}>{key}</li>
          ))}
          {shown.length > SHOWN_KEYS && <li className="more">and others</li>}
        </ul>
      )}
    </>
  )
}

function Outcome({ record }: { record: ActionRecord }) {
  return (
    <p role="status" className={record.outcome === 'failed' ? 'problem' : ''}>
      {record.outcome === 'failed' ? '▲ Failed: ' : 'Done. '}
      {resultOf(record)}.{' '}
      <span className="detail">
        Took {duration(record.durationMs)}; recorded as {record.actor}.
      </span>
    </p>
  )
}

function messageOf(error: unknown): string {
  return asOfTheForm(error instanceof Error ? error.message : String(error))
}
