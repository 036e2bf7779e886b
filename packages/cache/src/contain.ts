/** Calls somebody else's code. Its failure, thrown or rejected with, is handed to `onError` and to nobody else. */
export function contain(call: () => unknown, onError: (error: unknown) => void): void {
  try {
    const returned = call()
    if (returned instanceof Promise) returned.catch(onError)
  } catch (error) {
    onError(error)
  }
}
