import { statSync } from "node:fs"
import { uptime } from "node:os"
import type { ClockSample } from "../../domain/watch/clocks.ts"
import { childEnvironment } from "./run-program.ts"

/**
 * Runs this program, its newest version, as a child in a session of its own: Ctrl-C in our terminal does not reach it, and
 * it finishes should this process be killed. Returns its standard output; null when it failed or did not end in time.
 */
export async function runSelf(
  args: readonly string[],
  options: { readonly input: string; readonly waitMs: number | null },
): Promise<{ readonly output: string | null; readonly error: string }> {
  const program = Bun.isStandaloneExecutable ? [process.execPath] : [process.execPath, Bun.main]
  const child = Bun.spawn([...program, ...args], {
    cwd: "/",
    env: childEnvironment(),
    stdin: new TextEncoder().encode(options.input),
    stdout: "pipe",
    stderr: "pipe",
    detached: true,
  })
  const late = options.waitMs === null ? null : setTimeout(() => child.kill("SIGTERM"), options.waitMs)
  try {
    const [output, error] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
    return { output: child.exitCode === 0 ? output : null, error: error.trim().slice(0, 500) }
  } finally {
    if (late !== null) clearTimeout(late)
  }
}

/** Which file this program is now: another version is put in its place by a rename. null when it is gone. */
export function ownFile(): string | null {
  const stat = statSync(process.execPath, { bigint: true, throwIfNoEntry: false })
  return stat === undefined ? null : `${stat.dev}:${stat.ino}`
}

export function clockNow(): ClockSample {
  const running = Number(process.hrtime.bigint() / 1_000_000n)
  // since boot with the time asleep (sysinfo), less since boot without it (CLOCK_MONOTONIC): Linux only
  const slept = process.platform === "linux" ? uptime() * 1000 - running : null
  return { wall: Date.now(), running, slept }
}
