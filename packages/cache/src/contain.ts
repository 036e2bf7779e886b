/** Calls a listener. Its failure, thrown or rejected with, is handed to `onError` and to nobody else. */
export function contain<Told>(listener: (told: Told) => unknown, told: Told, onError: (error: unknown) => void): void {
  try {
    const returned = listener(told)
    if (returned instanceof Promise) returned.catch(onError)
  } catch (error) {
    onError(error)
  }
}
