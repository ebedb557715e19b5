/** Ctrl-C on a real terminal, in the middle of a large export. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test"
import { truncateSync, utimesSync } from "node:fs"
import { brokenGuarantees, committed, leftovers } from "../export/export-invariants.ts"
import { isInstalled } from "../faults/harness/installed.ts"
import { binary } from "../fixtures/machine.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { type MenuHarness, openMenuHarness } from "./menu-harness.ts"

setDefaultTimeout(60_000)
const drawn = /saving 2\/2 a0000002 please .* █*░* \d+ % of 4\.0 GB · \d+ MB\/s · \d+ (s|min) left/

describe.if(isInstalled("tmux"))("Ctrl-C while a large session is saved", () => {
  let menu: MenuHarness
  beforeEach(async () => {
    menu = await openMenuHarness()
    menu.machine.transcript(sessionId(1), { age: 1000 })
    const large = menu.machine.transcript(sessionId(2))
    truncateSync(large, 4 * 2 ** 30)
    const before = new Date(Date.now() - 3_600_000) // the newest goes first
    utimesSync(large, before, before)
  })
  afterEach(() => menu.close())

  const whole = () => {
    expect(committed(menu.machine)).toHaveLength(1)
    expect([...brokenGuarantees(menu.machine), ...leftovers(menu.machine)]).toEqual([])
  }

  test("an export shows bar, bytes, rate and time left; what is complete is said and stays, 130", async () => {
    const { terminal } = menu
    await terminal.line(`${binary} export --all; echo "exit=$?"`)
    await terminal.shows(drawn)
    terminal.keys("C-c")
    await terminal.shows("exit=130")
    const screen = terminal.screen()
    expect(screen).not.toMatch(/█/)
    expect(screen).toContain("saved    a0000001 · please mend the login page · 898 B · verified")
    expect(screen).toContain("Interrupted: 1 session saved completely, the rest were not.")
    expect(screen).toContain("Next: run it again")
    whole()
  })

  test("the list says what was done and leaves, 130", async () => {
    await menu.menu()
    await menu.press("a", "2 sessions marked")
    await menu.press("e", drawn)
    await menu.press("C-c", "exit=130")
    expect(menu.terminal.screen()).toContain("Interrupted: 1 export verified.")
    whole()
    await menu.expectSane()
  })
})
