/**
 * A day of the watcher in minutes: `npm run test:watch-day [MINUTES]`, outside CI. Twenty sessions work, fill up, are compacted,
 * are killed, hang and wait; time runs faster, everything else is real: files, clients, and the children of the compiled binary.
 */
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { Changes } from "../../src/operations/watch/changes.ts"
import type { ChildQuery, SavedByChild } from "../../src/operations/watch/children.ts"
import type { WatchLook } from "../../src/operations/watch/look.ts"
import { watchConstants } from "../../src/operations/watch/open.ts"
import { emptyState, stateFile, type WatchState, writeWatchState } from "../../src/operations/watch/state.ts"
import { Watcher } from "../../src/operations/watch/watcher.ts"
import { defaultTiming, type WatcherFacts } from "../../src/operations/watch/watcher-facts.ts"
import { Watching } from "../../src/operations/watch/watching.ts"
import { systemFiles } from "../../src/system/fs/files.ts"
import { systemProcesses } from "../../src/system/process/system-processes.ts"
import { binary, type FakeClient } from "../fixtures/machine.ts"
import { record, sessionId, user } from "../fixtures/talk/conversation.ts"
import { settings } from "../unit/domain/watch/sights.ts"
import { talkOf, WatchMachine } from "./watch-harness.ts"

const dayMs = 86_400_000
const minutes = Number(process.argv[2] ?? 6)
const scale = dayMs / (minutes * 60_000)
const hourMs = 3_600_000 / scale
const running = 20
const maxBytes = 12 * 1024 * 1024
const turnBytes = 12_000

interface Worker {
  readonly number: number
  readonly cwd: string
  readonly transcript: string
  client: FakeClient
  tokens: number
}

class Day {
  readonly machine = new WatchMachine()
  readonly from = Date.now()
  readonly workers: Worker[] = []
  sessions = 0
  looks = 0
  copies = 0
  told = 0
  readonly troubles: string[] = []
  readonly samples: { heapMb: number; files: number; state: number; copied: number; count: number }[] = []

  /** A real time as the watcher sees it. */
  scaled(real: number): number {
    return real > this.from ? this.from + (real - this.from) * scale : real
  }

  async child<T>(query: Omit<ChildQuery, "data" | "hungAfter">): Promise<T> {
    const all = { data: this.machine.data, hungAfter: `${Math.ceil(600 / scale)}s`, ...query }
    const child = Bun.spawn([binary, "watch-child"], {
      env: { HOME: this.machine.home, PATH: "/usr/bin:/bin" },
      stdin: Buffer.from(JSON.stringify(all)),
      stdout: "pipe",
      stderr: "pipe",
    })
    const [output, error] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
    if (child.exitCode !== 0) throw new Error(error || "the child failed")
    return JSON.parse(output)
  }

  async facts(): Promise<WatcherFacts> {
    const timing = { ...defaultTiming }
    for (const name of ["tickMs", "settleMs", "gatherMs", "patienceMs"] as const)
      timing[name] = Math.max(5, defaultTiming[name] / scale)
    const watching = new Watching(emptyState(), { ...settings, ...watchConstants })
    const paths = { data: this.machine.data }
    return {
      watching,
      timing: { ...timing, restFactor: 1 },
      changes: new Changes(
        systemFiles(() => {}),
        await systemProcesses(),
      ),
      look: async (look) => this.#asSeen(await this.child<WatchLook>({ look: { ...look, since: 0 } })),
      save: async (save) => {
        const { results: saved } = await this.child<SavedByChild>({ save })
        this.copies += saved.filter(({ outcome }) => outcome === "saved").length
        return saved
      },
      tell: async (notices) => {
        this.told++
        const sessions = notices.map(({ reason, sight, saved }) => ({ id: sight.id, reason, saved }))
        return { at: this.scaled(Date.now()), text: "", by: [], sessions }
      },
      keepState: (state: WatchState) => writeWatchState(paths, state),
      // a slow machine is not one that slept
      clock: () => ({ wall: this.scaled(Date.now()), running: performance.now(), slept: 0 }),
      rest: async () => {},
      isReplaced: () => false,
      onEvent: (event) => {
        if (event.kind === "trouble") this.troubles.push(event.message)
      },
    }
  }

  #asSeen(look: WatchLook): WatchLook {
    this.looks++
    const time = (real: number | null) => (real === null ? null : this.scaled(real))
    const sessions = look.sessions.map((sight) => ({
      ...sight,
      lastActivity: time(sight.lastActivity),
      waitingSince: time(sight.waitingSince),
      compactedAt: time(sight.compactedAt),
      savedAt: time(sight.savedAt),
      purgeAt: null,
    }))
    return { ...look, at: this.scaled(look.at), hungAfterMs: 600_000, sessions }
  }

  async begin(): Promise<Worker> {
    const number = ++this.sessions
    const cwd = `/work/p${number}`
    const text = talkOf(number, [{ tokens: 5_000 }], { cwd })
    const transcript = this.machine.transcript(sessionId(number), { cwd, text })
    const program = `c${number}/claude-code-linux-x64/claude`
    const client = await this.machine.client({ program, argv: [String(minutes * 60)] })
    const worker = { number, cwd, transcript, client, tokens: 5_000 }
    this.#register(worker, { status: "idle" })
    return worker
  }

  /** One turn; now and then a compaction, a death, a hang or a question. */
  async turn(worker: Worker, round: number): Promise<Worker> {
    const { number, cwd, transcript } = worker
    worker.tokens += 9_000
    const id = sessionId(number)
    // a record's time is counted back from this one by its number
    const write = (part: number, more: Record<string, unknown>) => {
      const at = new Date(Date.now() + 1000 * (10 - (3 * round + part)))
      appendFileSync(transcript, record({ id, cwd, at, version: "2.1.332" }, 3 * round + part, more))
    }
    const message = `${round} `.padEnd(turnBytes, "x")
    if (worker.tokens > 195_000) {
      const compacted = {
        type: "system",
        subtype: "compact_boundary",
        compactMetadata: { trigger: "auto", preTokens: worker.tokens, postTokens: 4_000 },
      }
      write(0, compacted)
      worker.tokens = 5_000
    }
    write(1, user(message))
    const hangs = (round + number) % 40 === 0
    if (!hangs) {
      const usage = { input_tokens: worker.tokens, output_tokens: 20 }
      const answer = {
        id: `msg_${round}`,
        model: "claude-sonnet-4-5",
        role: "assistant",
        usage,
        content: [{ type: "text", text: "done" }],
        stop_reason: "end_turn",
      }
      write(2, { type: "assistant", message: answer, requestedModel: "claude-sonnet-4-5" })
    }
    const asks = (round + number) % 25 === 0
    this.#register(worker, {
      status: hangs ? "busy" : asks ? "waiting" : "idle",
      ...(asks ? { waitingFor: "permission prompt" } : {}),
    })
    if ((round + 7 * number) % 60 !== 0) return worker
    await worker.client.end("SIGKILL")
    return this.begin()
  }

  #register({ client, number, cwd }: Worker, more: Record<string, unknown>): void {
    this.machine.registry(client, sessionId(number), {
      cwd,
      updatedAt: Date.now(),
      statusUpdatedAt: Date.now(),
      ...more,
    })
  }

  sample(): void {
    Bun.gc(true)
    const { data, copiedBytes, copies } = this.machine
    const state = stateFile({ data })
    this.samples.push({
      heapMb: process.memoryUsage().heapUsed / 1e6,
      files: readdirSync("/proc/self/fd").length + readdirSync(join(data, "watch")).length,
      state: existsSync(state) ? statSync(state).size : 0,
      ...{ copied: copiedBytes, count: copies.length },
    })
  }
}

async function main(): Promise<number> {
  const day = new Day()
  const { machine } = day
  const stop = new AbortController()
  try {
    machine.config(`[watch]\nmax_bytes = ${maxBytes}\n`)
    for (let count = 0; count < running; count++) day.workers.push(await day.begin())
    const ended = new Watcher(await day.facts()).run(stop.signal)
    const turnMs = Math.max(1, (10 * 60_000) / scale / running) // each works every ten minutes
    for (let round = 0, sampledAt = day.from; Date.now() - day.from < dayMs / scale; round++) {
      const place = round % running
      const worker = day.workers[place]
      if (worker !== undefined) day.workers[place] = await day.turn(worker, Math.floor(round / running))
      if (Date.now() - sampledAt > hourMs) {
        sampledAt = Date.now()
        day.sample()
      }
      await Bun.sleep(turnMs)
    }
    stop.abort()
    await ended
    day.sample()
    return report(day)
  } finally {
    stop.abort()
    await machine.dispose()
  }
}

/** From the third hour on nothing may grow but what is bounded. */
function report(day: Day): number {
  const { samples } = day
  console.log(
    `24 h in ${minutes} min: ${day.sessions} sessions, ${day.looks} looks, ${day.copies} copies, told ${day.told} times`,
  )
  for (const [hour, { heapMb, files, state, copied, count }] of samples.entries())
    console.log(
      `${hour + 1} h: heap ${heapMb.toFixed(1)} MB, ${files} files open or kept, state ${state} bytes, ${count} copies of ${copied} bytes`,
    )
  const early = samples[2]
  const last = samples.at(-1)
  const failures = [
    ...(early === undefined || last === undefined ? ["too few samples"] : []),
    ...(early && last && last.heapMb > early.heapMb + 5 ? ["memory grows"] : []),
    ...(early && last && last.files > early.files + 5 ? ["files grow"] : []),
    ...samples.flatMap(({ copied }) => (copied > maxBytes ? [`copies take ${copied} bytes`] : [])),
    ...samples.flatMap(({ count }) =>
      count > day.sessions ? [`${count} copies of ${day.sessions} sessions`] : [],
    ),
    ...(day.copies === 0 || day.told === 0 ? ["nothing was done"] : []),
    ...[...new Set(day.troubles)].map((message) => `trouble: ${message}`),
    ...damaged(day),
  ]
  for (const failure of failures) console.log(`FAILED: ${failure}`)
  return failures.length === 0 ? 0 : 1
}

/** Every copy is the beginning of its transcript. */
function damaged({ machine }: Day): readonly string[] {
  return machine.copies.flatMap((path) => {
    const id = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(path)?.[0] ?? ""
    const number = [...Array(2000).keys()].find((each) => sessionId(each) === id)
    const transcript = machine.transcriptPath(id, `/work/p${number}`)
    const isBeginning = readFileSync(transcript, "utf8").startsWith(readFileSync(path, "utf8"))
    return isBeginning ? [] : [`${path} is not what was in its transcript`]
  })
}

process.exit(await main())
