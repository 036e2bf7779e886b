export { hashPassword } from './access/password-hash.js'
export type { ConnectionInfo } from './access/peer-address.js'
export { type Console, createConsole } from './create-console.js'
export type {
  ConsoleAuth,
  ConsoleCache,
  ConsoleClock,
  ConsoleInvalidator,
  ConsoleOptions,
  Credentials,
  HostSignIn,
  Identity,
} from './options.js'
export type {
  Action,
  ActionPreview,
  ActionRecord,
  ActionTarget,
  Columns,
  DefinitionInterval,
  Gauges,
  History,
  IntervalFigures,
  Invalidation,
  Notice,
  NoticeLevel,
  Role,
  Sample,
  SessionInfo,
  Snapshot,
  Update,
  WireAudit,
  WireDefinition,
  WireError,
  WireHealth,
  WireInspection,
  WireStats,
} from './wire.js'
