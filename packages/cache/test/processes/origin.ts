/** The origin that all processes of a test load from, with a record of who asked for what, and a way to be slow. */
export class Origin {
  readonly values = new Map<string, string>()
  readonly loads: { readonly id: string; readonly pid: number; readonly at: number }[] = []
  #gate: Promise<void> = Promise.resolve()
  #waiting: { readonly loads: number; readonly resolve: () => void }[] = []

  /** From now on loads take their value at once, but hand it over only after the returned function was called. */
  hold(): () => void {
    let release: () => void = () => undefined
    this.#gate = new Promise((resolve) => {
      release = resolve
    })
    return () => {
      this.#gate = Promise.resolve()
      release()
    }
  }

  async load(id: string, pid: number): Promise<string> {
    const value = this.values.get(id) ?? 'v1'
    const gate = this.#gate
    this.loads.push({ id, pid, at: performance.now() })
    for (const waiting of this.#waiting.filter(({ loads }) => loads <= this.loads.length)) waiting.resolve()
    this.#waiting = this.#waiting.filter(({ loads }) => loads > this.loads.length)
    await gate
    return value
  }

  /** Resolves when so many loads have begun in all. */
  begun(loads: number): Promise<void> {
    if (this.loads.length >= loads) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push({ loads, resolve }))
  }
}
