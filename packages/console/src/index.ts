export type { ConnectionInfo } from './access/peer-address.js'
export { type Console, createConsole } from './create-console.js'
export type { ConsoleAuth, ConsoleCache, ConsoleClock, ConsoleOptions, Credentials } from './options.js'
export type {
  Columns,
  DefinitionInterval,
  Gauges,
  History,
  IntervalFigures,
  Invalidation,
  Notice,
  NoticeLevel,
  Sample,
  SessionInfo,
  Snapshot,
  Update,
  WireError,
  WireHealth,
  WireInspection,
  WireStats,
} from './wire.js'
