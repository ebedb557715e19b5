/** Worker processes of user plugins: none of them outlives the command. */
const running = new Set<{ end(): void }>()

export function endAtExit<T extends { end(): void }>(pool: T): T {
  running.add(pool)
  return pool
}

export function endUserPlugins(): void {
  for (const pool of running) pool.end()
  running.clear()
}
