/** Worker processes of user plugins: none of them outlives the command. */
const running = new Set<{ end(): void }>()

export function endAtExit<T extends { end(): void }>(crew: T): T {
  running.add(crew)
  return crew
}

export function endUserPlugins(): void {
  for (const crew of running) crew.end()
  running.clear()
}
