/** The origin of a measurement: a value for each key, and a load that can be held up. */
export class Origin {
  readonly #versions = new Map<string, number>()
  #gate: Promise<void> = Promise.resolve()
  #begun: (() => void) | undefined

  /** A load takes its value at once, and hands it over when the gate is open. */
  readonly load = async (key: string): Promise<string> => {
    const value = this.value(key)
    const gate = this.#gate
    this.#begun?.()
    await gate
    return value
  }

  value(key: string): string {
    return `v${this.#versions.get(key) ?? 1}`
  }

  write(key: string): void {
    this.#versions.set(key, (this.#versions.get(key) ?? 1) + 1)
  }

  /** Holds up loads from now on. `begun` resolves with the first of them. */
  hold(): { begun: Promise<void>; release(): void } {
    let release = () => {}
    this.#gate = new Promise((resolve) => {
      release = resolve
    })
    const begun = new Promise<void>((resolve) => {
      this.#begun = resolve
    })
    return {
      begun,
      release: () => {
        this.#begun = undefined
        this.#gate = Promise.resolve()
        release()
      },
    }
  }
}
