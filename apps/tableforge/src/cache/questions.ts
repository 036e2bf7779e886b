import type { Database } from '../database/database.js'
import type { RoomFigures, RoomSummary } from '../protocol.js'
import { systemIds } from '../queries/library.js'
import { figuresOf, listRooms, roomIdOfSlug, summariesOf } from '../queries/rooms.js'
import { tags } from './tags.js'

/** What `queryResult` can be asked; the key is a digest of the question. */
export type Question =
  | { readonly ask: 'room'; readonly roomId: string }
  | { readonly ask: 'figures'; readonly roomId: string }
  | { readonly ask: 'alias'; readonly slug: string }
  | { readonly ask: 'rooms'; readonly systemId: string | undefined; readonly page: number }
  | { readonly ask: 'systems' }

/** The answer to each question. Lists hold ids, so that one room's change does not make every list untrue. */
export interface Answers {
  room: RoomSummary | null
  figures: RoomFigures
  alias: string | null
  rooms: { roomIds: string[]; pages: number }
  systems: string[]
}

export type AnyAnswer = Answers[keyof Answers]

/** Answers in input order; all questions about rooms together take one statement. */
export async function answer(db: Database, questions: readonly Question[]): Promise<AnyAnswer[]> {
  const rooms = questions.flatMap((question) => (question.ask === 'room' ? [question.roomId] : []))
  const summaries = rooms.length === 0 ? [] : await summariesOf(db, rooms)
  const summaryOf = new Map(rooms.map((id, index) => [id, summaries[index] ?? null]))
  return Promise.all(questions.map((question) => answerOne(db, question, summaryOf)))
}

function answerOne(
  db: Database,
  question: Question,
  summaryOf: ReadonlyMap<string, RoomSummary | null>,
): AnyAnswer | Promise<AnyAnswer> {
  switch (question.ask) {
    case 'room':
      return summaryOf.get(question.roomId) ?? null
    case 'figures':
      return figuresOf(db, question.roomId)
    case 'alias':
      return roomIdOfSlug(db, question.slug)
    case 'rooms':
      return listRooms(db, question.systemId, question.page)
    case 'systems':
      return systemIds(db)
  }
}

/** What makes the answer to a question untrue. */
export function tagsOfAnswer(answered: AnyAnswer, question: Question): string[] {
  switch (question.ask) {
    case 'room': {
      const room = answered as Answers['room']
      const own = [tags.room(question.roomId), tags.roomMembers(question.roomId)]
      return room === null ? own : [...own, tags.system(room.systemId)]
    }
    case 'figures':
      return [tags.room(question.roomId), tags.roomMembers(question.roomId), tags.roomBoard(question.roomId)]
    case 'alias':
      return [tags.alias(question.slug)]
    case 'rooms':
      return [tags.roomLists]
    case 'systems':
      return [tags.systemLists]
  }
}
