/** What the tests of the resident watcher share. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { ClockSample } from "../../../../src/domain/watch/clocks.ts"
import type { WatchNotice } from "../../../../src/domain/watch/notice.ts"
import type { SessionSight } from "../../../../src/domain/watch/sight.ts"
import { Changes } from "../../../../src/operations/watch/changes.ts"
import { watchConstants } from "../../../../src/operations/watch/open.ts"
import type { ToSave, WatchSaved } from "../../../../src/operations/watch/save.ts"
import { emptyState, type WatchState } from "../../../../src/operations/watch/state.ts"
import { Watcher } from "../../../../src/operations/watch/watcher.ts"
import type { WatcherFacts } from "../../../../src/operations/watch/watcher-facts.ts"
import { Watching } from "../../../../src/operations/watch/watching.ts"
import { systemFiles } from "../../../../src/system/fs/files.ts"
import { settings, sight } from "../../domain/watch/sights.ts"

export const saved = ({ key }: ToSave): WatchSaved => ({
  ...{ key, outcome: "saved", path: "/copy", bytes: 1, replaced: 0, message: null },
})

/** A machine that the test makes up, with a registry folder and transcripts that are there. */
export class World {
  readonly folder = mkdtempSync(join(tmpdir(), "watcher-"))
  sessions: SessionSight[] = []
  folders = [join(this.folder, "sessions")]
  looks = 0
  rests: boolean[] = []
  copies: string[] = []
  told: (readonly WatchNotice[])[] = []
  written: WatchState[] = []
  alive = new Map<number, { startMark: string; letter: string }>()
  replaced = false
  asleep = 0
  save: WatcherFacts["save"] = async (wanted) => wanted.map(saved)
  onLook: () => void | Promise<void> = () => {}

  readonly #stop = new AbortController()
  #running: Promise<unknown> = Promise.resolve()

  constructor() {
    mkdirSync(join(this.folder, "sessions"))
  }

  start(facts = this.facts()): WatcherFacts {
    this.#running = new Watcher(facts).run(this.#stop.signal)
    return facts
  }

  async dispose(): Promise<void> {
    this.#stop.abort()
    await this.#running
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Something happens in the registry folder. */
  hint(name = "1.json"): void {
    writeFileSync(join(this.folder, "sessions", name), "{}")
  }

  now(): number {
    return Date.now() + this.asleep
  }

  facts(more: Partial<WatcherFacts["timing"]> = {}): WatcherFacts {
    const watching = new Watching(emptyState(), { ...settings, ...watchConstants, waitingAfterMs: 0 })
    const probe = async (pid: number) => {
      const found = this.alive.get(pid)
      return found === undefined ? null : { ...found, cpuMs: 0 }
    }
    return {
      watching,
      timing: {
        tickMs: 30,
        settleMs: 5,
        gatherMs: 40,
        patienceMs: 200,
        restFactor: 0,
        ...more,
      },
      changes: new Changes(
        systemFiles(() => {}),
        { probe },
      ),
      look: async () => {
        this.looks++
        await this.onLook()
        const live = this.sessions.filter(({ client }) => client === null || this.alive.has(client.pid))
        return {
          ...{ version: "1", at: this.now(), hungAfterMs: 600_000, full: true, warnings: [] },
          ...{ sessions: live, folders: this.folders },
        }
      },
      save: async (wanted) => {
        const results = await this.save(wanted)
        this.copies.push(...wanted.map(({ key }) => key))
        return results
      },
      tell: async (notices) => {
        this.told.push(notices)
        return { at: this.now(), text: "", by: [], sessions: [] }
      },
      keepState: async (state) => void this.written.push(state),
      rest: async (isFirst) => void this.rests.push(isFirst),
      clock: (): ClockSample => ({ wall: this.now(), running: performance.now(), slept: null }),
      isReplaced: () => this.replaced,
      onEvent: () => {},
    }
  }

  /** A running session, with a transcript that is there. */
  session(number: number, changes: Partial<SessionSight> = {}): SessionSight {
    const transcript = join(this.folder, `${number}.jsonl`)
    writeFileSync(transcript, "x".repeat(100))
    this.alive.set(number, { startMark: "1", letter: "S" })
    const client = { pid: number, startMark: "1", stopped: false }
    const made = sight({ key: `${number}`, id: `${number}`, transcript, size: 100, client, ...changes })
    this.sessions.push(made)
    return made
  }

  change(key: string, changes: Partial<SessionSight>): void {
    this.sessions = this.sessions.map((each) => (each.key === key ? { ...each, ...changes } : each))
  }
}

export const full = { tokens: 190_000 }

/** A few ticks went by. */
export async function ticks(count = 4): Promise<void> {
  await Bun.sleep(count * 30 + 20)
}
