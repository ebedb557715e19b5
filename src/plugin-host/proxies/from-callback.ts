/**
 * Turns a callback producer into an async iterator: `work` waits until each piece was consumed, and receives
 * false when no more is needed.
 */
export async function* fromCallback(
  work: (take: (bytes: Uint8Array) => Promise<boolean>) => Promise<void>,
): AsyncGenerator<Uint8Array> {
  let piece = Promise.withResolvers<Uint8Array | null>()
  let taken = Promise.withResolvers<void>()
  let abandoned = false
  const working = work(async (bytes) => {
    if (abandoned) return false
    taken = Promise.withResolvers()
    piece.resolve(bytes)
    await taken.promise
    return !abandoned
  }).then(
    () => piece.resolve(null),
    (error) => piece.reject(error),
  )
  try {
    for (;;) {
      const bytes = await piece.promise
      if (bytes === null) return
      piece = Promise.withResolvers()
      yield bytes
      taken.resolve()
    }
  } finally {
    abandoned = true
    taken.resolve()
    piece.promise.catch(() => {})
    await working
  }
}
