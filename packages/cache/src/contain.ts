/** Calls somebody else's code, whose failure is handed to `onError` and to nobody else: what it throws, or rejects with. */
export function contain(call: () => unknown, onError: (error: unknown) => void): void {
  try {
    const returned = call()
    if (returned instanceof Promise) returned.catch(onError)
  } catch (error) {
    onError(error)
  }
}
