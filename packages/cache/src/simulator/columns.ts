const INITIAL_LENGTH = 65_536

type Numbers = Uint8Array | Uint32Array | Float64Array

/** A column of numbers that grows as it is written. */
export class Column<Values extends Numbers> {
  #values: Values
  #length = 0
  readonly #make: (length: number) => Values

  constructor(make: (length: number) => Values) {
    this.#make = make
    this.#values = make(INITIAL_LENGTH)
  }

  get length(): number {
    return this.#length
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const longer = this.#make(this.#length * 2)
      longer.set(this.#values)
      this.#values = longer
    }
    this.#values[this.#length++] = value
  }

  /** What was written, as long as that. */
  finish(): Values {
    return this.#values.slice(0, this.#length) as Values
  }
}

export const column = {
  bytes: () => new Column((length) => new Uint8Array(length)),
  wholeNumbers: () => new Column((length) => new Uint32Array(length)),
  numbers: () => new Column((length) => new Float64Array(length)),
}
