import { childEnvironment } from "../process/run-program.ts"

/** Shows long text through the user's `$PAGER`. */
export interface Pager {
  write(text: string): void
  /** Waits until the pager has accepted the text written so far; false when the pager has exited. */
  drained(): Promise<boolean>
  /** Resolves when the user has quit the pager: with the error its exit code indicates, else null. */
  closed(): Promise<string | null>
}

/** null when no pager applies: no terminal, `PAGER=`, or no such program. */
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
    gone = true // quitting before the end is not an error
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
