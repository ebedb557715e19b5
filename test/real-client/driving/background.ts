import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { until } from "../../fixtures/until.ts"
import { isAlive } from "../harness/processes.ts"
import type { ScratchHome } from "../harness/scratch-home.ts"

/** A session that the client's background service runs. */
export interface BackgroundClient {
  readonly id: string
  readonly short: string
  readonly pid: number
  /** The terminal that the service gave it; null where it is none that controls it. */
  readonly tty: string | null
}

/** The service of 2.1.197 does not hand the address of the API on to its sessions: they read it in the settings. */
export function tellSessions(scratch: ScratchHome): void {
  const { ANTHROPIC_BASE_URL, ANTHROPIC_API_KEY } = scratch.env
  mkdirSync(join(scratch.home, ".claude"), { recursive: true })
  const settings = { env: { ANTHROPIC_BASE_URL, ANTHROPIC_API_KEY } }
  writeFileSync(join(scratch.home, ".claude/settings.json"), JSON.stringify(settings))
}

interface Entry {
  pid: number
  sessionId: string
  kind?: string
  status?: string
  cwd: string
}

/** Starts a session in the background, and waits until it is registered with that status. */
export async function openBackground(
  scratch: ScratchHome,
  folder: string,
  prompt: string,
  status: string,
): Promise<BackgroundClient> {
  const cwd = scratch.folder(folder)
  const starter = Bun.spawn([join(scratch.root, "bin/claude"), "--bg", prompt], {
    cwd,
    env: scratch.env,
    stdio: ["ignore", "ignore", "ignore"],
  })
  if ((await starter.exited) !== 0) throw new Error(`claude --bg exited with ${starter.exitCode}`)
  return backgroundIn(scratch, cwd, status)
}

/** The one that runs in that folder now, once it has that status; `not`: another than that process. */
export async function backgroundIn(
  scratch: ScratchHome,
  cwd: string,
  status: string,
  not = 0,
): Promise<BackgroundClient> {
  const entry = await until(`a background session of ${cwd} to be ${status}`, () =>
    entries(scratch).find((each) => {
      const { kind, pid } = each
      return kind === "bg" && each.cwd === cwd && each.status === status && pid !== not && isAlive(pid)
    }),
  )
  const { pid, sessionId: id } = entry
  return { id, short: id.slice(0, 8), pid, tty: terminalOf(pid) }
}

export function entries(scratch: ScratchHome): Entry[] {
  return globSync(join(scratch.home, ".claude/sessions/*.json")).flatMap((file) => {
    try {
      return [JSON.parse(readFileSync(file, "utf8")) as Entry]
    } catch {
      return [] // half written, or gone
    }
  })
}

function terminalOf(pid: number): string | null {
  const device = Number(
    readFileSync(`/proc/${pid}/stat`, "latin1")
      .replace(/^.*\) /s, "")
      .split(" ")[4],
  )
  if (device === 0) return null
  return `pts/${(device & 0xff) | ((device >> 12) & 0xfff00)}`
}

/** The service's own process. */
export function servicePid(scratch: ScratchHome): number {
  return JSON.parse(readFileSync(join(scratch.home, ".claude/daemon.lock"), "utf8")).pid
}
