/**
 * What TableForge's server and its clients say to each other: every HTTP route and every Socket.IO event with its
 * payload. The server registers its routes from `routes`; the web page and the simulated players call them through it.
 * Times are milliseconds since the Unix epoch, positions are in cells of the board and may have fractions.
 */
export * from './protocol/events.js'
export { LIMITS, SESSION_COOKIE, UPLOAD_TYPES } from './protocol/fields.js'
export * from './protocol/library.js'
export * from './protocol/people.js'
export * from './protocol/problem.js'
export type { Route } from './protocol/route.js'
export * from './protocol/routes.js'
export * from './protocol/table.js'
