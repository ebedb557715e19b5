/** What is handed over by `work`, piece by piece; it waits until each was taken, and hears false when no more is wanted. */
export async function* handedOver(
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
