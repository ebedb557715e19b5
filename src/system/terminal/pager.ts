import { childEnvironment } from "../process/run-program.ts"

/** Shows long text the way the person reads it: through `$PAGER`. */
export interface Pager {
  write(text: string): void
  /** Waits until the pager has taken what it was given; false when it has been left. */
  drained(): Promise<boolean>
  /** Until the person has left it. Why it did not work, as far as its exit code tells; else null. */
  closed(): Promise<string | null>
}

/** null where nothing pages: no terminal, `PAGER=`, or no such program. */
export function openPager(): Pager | null {
  const command = process.env.PAGER ?? (Bun.which("less") === null ? "" : "less")
  if (process.stdout.isTTY !== true || process.stdin.isTTY !== true || command === "") return null
  const child = Bun.spawn(["sh", "-c", command], {
    env: { LESS: "FRX", ...childEnvironment() },
    stdio: ["pipe", "inherit", "inherit"],
  })
  let gone = false
  void child.exited.then(() => {
    gone = true
  })
  const ignore = () => {
    gone = true // left before all was read: nothing is wrong with that
  }
  return {
    write(text) {
      if (gone) return
      try {
        const written = child.stdin.write(text)
        if (written instanceof Promise) written.catch(ignore)
      } catch {
        ignore()
      }
    },
    async drained() {
      try {
        if (!gone) await Promise.race([child.stdin.flush(), child.exited])
      } catch {
        ignore()
      }
      return !gone
    },
    async closed() {
      try {
        await child.stdin.end()
      } catch {
        ignore()
      }
      const code = await child.exited
      if (code === 0 || child.signalCode !== null) return null
      return `the pager "${command}" ended with exit code ${code}`
    },
  }
}
