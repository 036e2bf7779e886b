/**
 * The library's `DURATION_BOUNDS_MS`: powers of two from a microsecond to 16 seconds. The page does not bundle the
 * library.
 */
export const DURATION_BOUNDS_MS: readonly number[] = [
  -10, -8, -6, -4, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14,
].map((exponent) => 2 ** exponent)
