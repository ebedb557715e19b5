/** A hung client, seen in the live list, exported, ended, processed and resumed with a key each. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { until } from "../../fixtures/until.ts"
import { type Client, openClient, ready } from "../driving/client.ts"
import { transcriptsOf } from "../driving/client-files.ts"
import { expectUsable } from "../driving/killing.ts"
import { binary } from "../harness/binary.ts"
import { eachClient, withRegistry } from "../harness/each-client.ts"
import { isAlive } from "../harness/processes.ts"
import { openScratchHome, type ScratchHome } from "../harness/scratch-home.ts"
import type { Terminal } from "../harness/terminal.ts"

setDefaultTimeout(90_000)

await eachClient("the menu", withRegistry, (real) => {
  let scratch: ScratchHome
  let hung: Client, idle: Client
  let terminal: Terminal
  let saved: readonly Buffer[] = []
  const press = async (key: string, shows: string | RegExp) => {
    terminal.keys(key)
    await terminal.shows(shows)
  }

  beforeAll(async () => {
    scratch = await openScratchHome(real.executable, ["hung", "idle", "me"])
    ;[hung, idle] = (await Promise.all([openClient(scratch, "hung"), openClient(scratch, "idle")])) as [
      Client,
      Client,
    ]
    await Promise.all([hung.ask("a long piece of work @@hang"), idle.chat("good evening")])
    await hung.recorded("a long piece of work")
    hung.terminal.keys("C-z") // suspended in the middle of a turn: hung at once
    await hung.terminal.shows("Stopped")
    terminal = await scratch.terminal("me")
  })
  afterAll(() => scratch?.close())

  test("from the hung client to its conversation again, with a key for each step", async () => {
    const id = (transcriptsOf(scratch.home, hung.cwd)[0] ?? "").slice(-42, -6)
    const short = id.slice(0, 8)
    await terminal.line(`${binary} menu --data-dir ${scratch.data}; echo "exit=$?"`)
    await terminal.shows("e export  k kill")
    expect(terminal.screen()).toMatch(/^1 hung · 1 waiting /)
    expect(terminal.screen()).toMatch(/^❯ {3}HUNG +suspended /m)
    expect(terminal.screen()).toContain(`${short} · pid ${hung.pid} · `)
    expect(terminal.screen()).toMatch(/^ {4}ACTIVE +waiting for you /m)

    await press("e", "1 session saved and verified")
    await press("k", "● No")
    expect(terminal.screen()).toContain(`End ${short} (pid ${hung.pid}, ${hung.terminal.tty})?`)
    expect(isAlive(hung.pid)).toBe(true)
    await press("Left", "● Yes, end it")
    await press("Enter", "1 session saved and ended")
    expect(isAlive(hung.pid)).toBe(false)
    await expectUsable(hung.terminal)
    const pending = join(scratch.data, "sessions-export-pending-anthropic")
    saved = readdirSync(pending)
      .filter((name) => name.endsWith(".jsonl"))
      .map((name) => readFileSync(join(pending, name)))

    await press("x", "exports processed")
    expect(readdirSync(pending).filter((name) => name.endsWith(".jsonl"))).toEqual([])
    terminal.keys("/")
    await terminal.type(short)
    await press("Enter", new RegExp(`^filter: ${short}$`, "m"))
    await press("r", `cd '${hung.cwd}' && claude --resume ${short}`)
    await press("Left", "● Yes, start it here")
    await press("Enter", ready)
    await terminal.shows("a long piece of work")
  })

  test("what was saved is what the client left, byte for byte", () => {
    const original = readFileSync(transcriptsOf(scratch.home, hung.cwd)[0] ?? "")
    expect(saved.length).toBeGreaterThan(0)
    for (const bytes of saved) expect(original.subarray(0, bytes.length).equals(bytes)).toBe(true)
  })

  test("the client that was started here ends with the terminal usable, and its code is ours", async () => {
    // the first may only end what the client is at, and two that are far apart do not count as two
    let pressedAt = Number.NEGATIVE_INFINITY
    await until(
      "the client to leave",
      () => {
        if (/exit=0/.test(terminal.screen())) return true
        if (performance.now() - pressedAt < 3_000) return false
        pressedAt = performance.now()
        terminal.keys("C-c", "C-c")
        return false
      },
      { show: terminal.screen },
    )
    await expectUsable(terminal)
  })
})
