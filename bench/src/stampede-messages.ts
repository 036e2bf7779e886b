import { everybody } from './remote-caches.js'

/** A plain GET loads nothing. */
export const caches = everybody.filter(([role]) => role !== 'floor')

/** What the process is started with, as JSON. */
export interface StampedeSettings {
  readonly host: string
  readonly port: number
  readonly namespace: string
  /** Of a load: long enough that all callers of all processes come while it is under way. */
  readonly loadMs: number
}

/** Asks a process for so many reads of one key of one cache at once. It answers with the number of loads. */
export interface StampedeOrder {
  readonly cache: number
  readonly key: string
  readonly callers: number
}

/** What a process says of each cache when all are open. */
export type StampedeReady = readonly {
  readonly name: string
  readonly packages: readonly string[]
  readonly configuration: string
}[]
