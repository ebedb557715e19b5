/** What runs in the background: the service, its helpers, its sessions; each named, each saved, each ended for good. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { join } from "node:path"
import { until } from "../../fixtures/until.ts"
import {
  type BackgroundClient,
  backgroundIn,
  entries,
  openBackground,
  servicePid,
  tellSessions,
} from "../driving/background.ts"
import { transcriptOf } from "../driving/client-files.ts"
import { expectNothingLost } from "../driving/killing.ts"
import type { ExportDocument, KillDocument } from "../harness/contract.ts"
import { eachEntry, withBackground } from "../harness/each-client.ts"
import { isAlive } from "../harness/processes.ts"
import { openScratchHome, type ScratchHome } from "../harness/scratch-home.ts"

setDefaultTimeout(120_000)

await eachEntry("background sessions", withBackground, (real) => {
  const folders = ["idle", "busy", "terminal", "between", "adopted", "late"]
  let scratch: ScratchHome
  const its = {} as Record<string, BackgroundClient>

  beforeAll(async () => {
    scratch = await openScratchHome(real.executable, folders)
    tellSessions(scratch)
    its.idle = await openBackground(scratch, "idle", "good morning", "idle") // it starts the service
    const hanging = ["busy", "terminal", "between", "adopted"]
    for (const folder of hanging)
      its[folder] = await openBackground(scratch, folder, `think of ${folder} @@hang`, "busy")
    await Promise.all(hanging.map((folder) => recorded(folder)))
  })
  afterAll(() => scratch?.close())

  const one = (folder: string) => its[folder] as BackgroundClient
  const place = (folder: string) => ({ sessionId: one(folder).id, cwd: scratch.folder(folder) })
  const recorded = (folder: string) =>
    until(`the transcript of ${folder}`, () => transcriptOf(scratch.home, place(folder)))
  const product = (...args: string[]) => scratch.product(...args, "--data-dir", scratch.data)
  const kill = async (name: string) => {
    const outcome = await product("kill", name, "--force", "--json")
    return { outcome, entry: outcome.json<KillDocument>().kills?.[0] }
  }
  const expectEnded = async (folder: string, name: string) => {
    const { entry } = await kill(name)
    expect(entry).toMatchObject({ id: one(folder).id, outcome: "ended", reason: null })
    if (entry) expectNothingLost(entry, transcriptOf(scratch.home, place(folder)))
    const living = entries(scratch).filter(
      ({ sessionId, pid }) => sessionId === one(folder).id && isAlive(pid),
    )
    expect(living).toEqual([])
  }
  const helpers = async (role: string) => {
    const { services } = await scratch.status()
    return services.flatMap(({ helpers }) => helpers).filter((each) => each.role === role)
  }

  test("each is listed as what it is, and the service and its helpers are no sessions", async () => {
    const { sessions, services } = await scratch.status()
    expect(sessions.map(({ pid }) => pid).sort()).toEqual(
      Object.values(its)
        .map(({ pid }) => pid)
        .sort(),
    )
    for (const { short, id } of Object.values(its)) {
      const background = { name: short, held: true, service: servicePid(scratch) }
      expect(sessions.find((each) => each.id === id)).toMatchObject({
        mode: "background",
        tty: null,
        background,
      })
    }
    expect(services).toMatchObject([{ pid: servicePid(scratch), sessions: 5 }])
  })

  test("one that answered waits for you, one without an answer works", async () => {
    expect(await scratch.entry(one("idle"))).toMatchObject({ state: "ACTIVE", detail: "waiting for you" })
    expect(await scratch.entry(one("busy"))).toMatchObject({ state: "ACTIVE", detail: "working" })
  })

  test("the line that brings one back is the one that shows it, while the service holds it", async () => {
    const { stdout } = await product("resume", one("busy").short)
    expect(stdout).toContain(`claude attach ${one("busy").short}`)
    expect(stdout).not.toContain("--resume")
  })

  test("its job folder is saved with it", async () => {
    const { exports } = (await product("export", one("idle").short, "--json")).json<ExportDocument>()
    const manifest = await Bun.file(exports[0]?.manifest ?? "").text()
    expect(manifest).toContain(`jobs/${one("idle").short}/state.json`)
  })

  test("the service, a session's terminal and a spare are not ended, named by their pids", async () => {
    const [host] = (await helpers("host")).filter(({ holds }) => holds.includes(one("busy").id))
    const [spare] = await helpers("spare")
    for (const pid of [servicePid(scratch), host?.pid ?? 0, spare?.pid ?? 0]) {
      expect((await kill(String(pid))).outcome.code).toBe(4)
      expect(isAlive(pid)).toBe(true)
    }
    expect(isAlive(one("busy").pid)).toBe(true)
  })

  test("a window on one is none, and says what a person can do", async () => {
    const terminal = await scratch.terminal("idle")
    await terminal.line(`claude attach ${one("idle").short}`)
    const pid = await terminal.child()
    const window = await until("the window", async () =>
      (await helpers("window")).find((each) => each.pid === pid),
    )
    expect(window).toMatchObject({ holds: [one("idle").id], tty: terminal.tty })
    for (const name of [String(pid), terminal.tty]) {
      const { outcome } = await kill(name)
      expect([outcome.code, outcome.stdout]).toEqual([4, expect.stringContaining("runs on without it")])
    }
    process.kill(pid, "SIGKILL") // what that line advises, for one that is wedged
    await until("the window to be gone", () => !isAlive(pid))
    expect(isAlive(one("idle").pid)).toBe(true)
  })

  test("one is ended by its short id, and stays ended", async () => {
    await expectEnded("busy", one("busy").short)
    expect(await scratch.entry({ id: one("busy").id }, "--all")).toMatchObject({
      state: "ORPHANED",
      detail: expect.stringMatching(/^stopped/),
    })
    expect((await product("resume", one("busy").short)).stdout).toContain(`claude --resume ${one("busy").id}`)
  })

  test("one is ended by the terminal that the service gave it, where it gave one", async () => {
    const { tty, pid } = one("terminal")
    await expectEnded("terminal", tty ?? String(pid))
  })

  test("one that was signalled comes back, is not called crashed meanwhile, and is ended in its next life", async () => {
    const before = one("between")
    process.kill(before.pid, "SIGTERM")
    await until("it to end", () => !isAlive(before.pid))
    expect(await scratch.entry({ id: before.id }, "--all")).toMatchObject({
      state: "ACTIVE",
      detail: "starting again",
    })
    await expectEnded("between", before.short)
  })

  test("without its service it runs on, and is ended for good all the same", async () => {
    const service = servicePid(scratch)
    process.kill(service, "SIGKILL")
    await until("the service to end", () => !isAlive(service))
    const { services } = await scratch.status()
    expect(services).toMatchObject([{ pid: null, sessions: 2 }])
    await expectEnded("adopted", one("adopted").short)
    its.late = await openBackground(scratch, "late", "good evening", "idle") // a new service reads the old one's book
    const { sessions } = await scratch.status()
    const running = sessions.filter(({ pid }) => pid !== null).map(({ id }) => id)
    expect(running.sort()).toEqual([one("idle").id, one("late").id].sort())
  })

  test.skipIf(!real.marksStopped)("so it does when its service was told to end", async () => {
    const service = servicePid(scratch)
    process.kill(service, "SIGTERM")
    await until("the service to end", () => !isAlive(service))
    const { services, sessions } = await scratch.status()
    expect(services).toMatchObject([{ pid: null, sessions: 2 }])
    const states = sessions.filter(({ pid }) => pid !== null).map(({ state, mode }) => ({ state, mode }))
    const running = { state: "ACTIVE" as const, mode: "background" as const }
    expect(states).toEqual([running, running])
  })

  test("the last is ended by its pid, and the service leaves by itself", async () => {
    const idle = await backgroundIn(scratch, join(scratch.folder("idle")), "idle")
    its.idle = idle
    await expectEnded("idle", String(idle.pid))
    await expectEnded("late", String(one("late").pid))
    const left = async () => {
      const status = await scratch.status()
      return status.services.every(({ pid }) => pid === null) ? status : undefined
    }
    // the service of 2.1.197 takes its time
    const { services, sessions } = real.marksStopped
      ? await until("no service", left)
      : await scratch.status()
    expect(services.map(({ sessions }) => sessions)).toEqual(services.map(() => 0))
    expect(sessions.filter(({ pid }) => pid !== null)).toEqual([])
  })
})
