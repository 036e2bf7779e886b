/**
 * Ranks from 0 to `count - 1` in which rank r comes up 1 / (r + 1)^skew as often as rank 0 (Zipf's law): what people
 * ask for, from web pages (skew about 0.7) to social networks (above 1). Looked up in a table of the summed weights:
 * O(log count) each.
 */
export class ZipfRanks {
  readonly #sums: Float64Array
  readonly #random: () => number

  constructor(count: number, skew: number, random: () => number) {
    this.#random = random
    let sum = 0
    this.#sums = Float64Array.from({ length: count }, (_, rank) => {
      sum += (rank + 1) ** -skew
      return sum
    })
  }

  next(): number {
    const sums = this.#sums
    const wanted = this.#random() * sums[sums.length - 1]!
    let [low, high] = [0, sums.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (sums[middle]! > wanted) high = middle
      else low = middle + 1
    }
    return low
  }
}
