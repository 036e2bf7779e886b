import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { CacheOptions, Details, LogStats, Receipt } from '@tableforge/cache'
import type { Origin } from './origin.js'

const SCRIPT = fileURLToPath(new URL('./node.mjs', import.meta.url))

type NodeMessage =
  | { readonly type: 'load'; readonly load: number; readonly id: string }
  | { readonly type: 'answer'; readonly call: number; readonly value: unknown }
  | { readonly type: 'answer'; readonly call: number; readonly error: string }

/** What a node says of its log, with the events that it has counted. */
export type NodeLog = LogStats & { readonly repaired: number; readonly lost: number; readonly recovered: number }

export interface CacheProcessOptions {
  /** Of Redis, or of a proxy before it. */
  readonly url: string
  readonly origin: Origin
  /** Plain data, as it must travel. */
  readonly options: Omit<CacheOptions, 'remote' | 'logger' | 'clock' | 'codec' | 'memory'>
}

/** A process of its own with one cache, which imports the built package by name. See node.mjs for what it can do. */
export class CacheProcess {
  readonly #child: ChildProcess
  readonly #calls = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>()
  #lastCall = 0

  private constructor({ url, origin, options }: CacheProcessOptions) {
    this.#child = fork(SCRIPT, [JSON.stringify({ url, options })], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#child.on('message', (message: NodeMessage) => {
      if (message.type === 'load') void this.#load(origin, message)
      else this.#answer(message)
    })
    this.#child.on('exit', () => {
      for (const { reject } of this.#calls.values()) reject(new Error('the process ended'))
      this.#calls.clear()
    })
  }

  /** Resolves when its cache is connected. */
  static async start(options: CacheProcessOptions): Promise<CacheProcess> {
    const node = new CacheProcess(options)
    await node.#call('ready')
    return node
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get(id: string, options: { freshness?: 'memory' | 'remote' } = {}): Promise<Details<string>> {
    return this.#call('get', id, options)
  }

  async value(id: string, options: { freshness?: 'memory' | 'remote' } = {}): Promise<string> {
    return (await this.get(id, options)).value
  }

  crowd(id: string, callers: number): Promise<string[]> {
    return this.#call('crowd', id, callers)
  }

  peek(id: string): Promise<string | undefined> {
    return this.#call('peek', id)
  }

  set(id: string, value: string): Promise<Receipt> {
    return this.#call('set', id, value)
  }

  invalidate(id: string): Promise<Receipt> {
    return this.#call('invalidate', id)
  }

  invalidateBy(target: { tag: string } | { pattern: string }): Promise<Receipt> {
    return this.#call('invalidateBy', target)
  }

  clear(): Promise<Receipt> {
    return this.#call('clear')
  }

  log(): Promise<NodeLog> {
    return this.#call('log')
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Closes its cache and waits until it has ended by itself. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exit = once(this.#child, 'exit')
    const impatient = setTimeout(() => this.#child.kill('SIGKILL'), 30_000)
    this.#call('close').catch(() => 'it ends before it can answer')
    await exit
    clearTimeout(impatient)
    if (this.#child.exitCode !== 0)
      throw new Error(`a node ended with ${this.#child.exitCode ?? this.#child.signalCode}`)
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exit = once(this.#child, 'exit')
    this.#child.kill(signal)
    await exit
  }

  #call<T>(method: string, ...args: unknown[]): Promise<T> {
    const call = ++this.#lastCall
    return new Promise<T>((resolve, reject) => {
      this.#calls.set(call, { resolve, reject })
      this.#child.send({ type: 'call', call, method, args })
    })
  }

  #answer(message: Extract<NodeMessage, { type: 'answer' }>): void {
    const waiting = this.#calls.get(message.call)
    this.#calls.delete(message.call)
    if ('error' in message) waiting?.reject(new Error(message.error))
    else waiting?.resolve(message.value as never)
  }

  async #load(origin: Origin, { load, id }: Extract<NodeMessage, { type: 'load' }>): Promise<void> {
    const value = await origin.load(id, this.pid)
    if (this.#child.connected) this.#child.send({ type: 'loaded', load, value })
  }
}
