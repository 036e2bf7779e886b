import type { Token } from '../../../src/protocol.js'
import type { Point } from './geometry.js'

export type MoveOutcome = { readonly token: Token } | { readonly error: unknown }

/** At most 30 reports a second of one dragged token: one each so many milliseconds. */
const INTERVAL = 1_000 / 30

interface Course {
  /** Still under the finger: more positions will come. */
  held: boolean
  next: Point | undefined
  timer: ReturnType<typeof setTimeout> | undefined
  unanswered: number
  last: MoveOutcome | undefined
}

/**
 * Sends the positions of tokens as they are dragged: the first at once, then at most 30 a second, of which the newest,
 * and always the last. When everything sent of a released token has been answered, `settled` is told what the server
 * holds.
 */
export class MoveSender {
  readonly #send: (tokenId: string, to: Point) => Promise<Token>
  readonly #settled: (tokenId: string, outcome: MoveOutcome) => void
  readonly #courses = new Map<string, Course>()

  constructor(
    send: (tokenId: string, to: Point) => Promise<Token>,
    settled: (tokenId: string, outcome: MoveOutcome) => void,
  ) {
    this.#send = send
    this.#settled = settled
  }

  /** The token is at `to` and still held. */
  drag(tokenId: string, to: Point): void {
    const course = this.#course(tokenId)
    course.held = true
    this.#post(tokenId, course, to)
  }

  /** The token is let go at `to`. */
  release(tokenId: string, to: Point): void {
    const course = this.#course(tokenId)
    course.held = false
    this.#post(tokenId, course, to)
  }

  /** Forgets everything that has not been sent. */
  stop(): void {
    for (const course of this.#courses.values()) clearTimeout(course.timer)
    this.#courses.clear()
  }

  #course(tokenId: string): Course {
    const known = this.#courses.get(tokenId)
    if (known !== undefined) return known
    const course: Course = { held: true, next: undefined, timer: undefined, unanswered: 0, last: undefined }
    this.#courses.set(tokenId, course)
    return course
  }

  #post(tokenId: string, course: Course, to: Point): void {
    course.next = to
    if (course.timer === undefined) this.#flush(tokenId, course)
  }

  #flush(tokenId: string, course: Course): void {
    course.timer = undefined
    const to = course.next
    if (to === undefined) {
      this.#settle(tokenId, course)
      return
    }
    course.next = undefined
    course.unanswered++
    course.timer = setTimeout(() => this.#flush(tokenId, course), INTERVAL)
    this.#send(tokenId, to).then(
      (token) => this.#answered(tokenId, course, { token }),
      (error: unknown) => this.#answered(tokenId, course, { error }),
    )
  }

  #answered(tokenId: string, course: Course, outcome: MoveOutcome): void {
    course.unanswered--
    course.last = outcome
    this.#settle(tokenId, course)
  }

  #settle(tokenId: string, course: Course): void {
    const idle = !course.held && course.unanswered === 0 && course.next === undefined && course.timer === undefined
    if (!idle || course.last === undefined || this.#courses.get(tokenId) !== course) return
    this.#courses.delete(tokenId)
    this.#settled(tokenId, course.last)
  }
}
