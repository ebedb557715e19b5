const pollMs = 30

type Truthy<T> = Exclude<T, false | 0 | "" | null | undefined>

/** Polls until `condition` gives something true, and returns that; at the deadline says what it waited for. */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  { withinMs = 30_000, show }: { withinMs?: number; show?: () => string } = {},
): Promise<Truthy<T>> {
  const deadline = Date.now() + withinMs
  for (;;) {
    const value = await condition()
    if (value) return value as Truthy<T>
    if (Date.now() > deadline) {
      throw new Error(`waited ${withinMs} ms in vain for: ${what}${show ? `\n${show()}` : ""}`)
    }
    await Bun.sleep(pollMs)
  }
}
