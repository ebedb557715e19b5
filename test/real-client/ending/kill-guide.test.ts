import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { type Client, openClient } from "../driving/client.ts"
import { registered } from "../driving/client-files.ts"
import { expectUsable } from "../driving/killing.ts"
import { silentFor } from "../driving/silence.ts"
import { binary } from "../harness/binary.ts"
import { eachClient, withRegistry } from "../harness/each-client.ts"
import { isAlive } from "../harness/processes.ts"
import { openScratchHome, type ScratchHome } from "../harness/scratch-home.ts"
import type { Terminal } from "../harness/terminal.ts"

setDefaultTimeout(60_000)

await eachClient("a hung session, with four commands from a second terminal", withRegistry, (real) => {
  let scratch: ScratchHome
  let hung: Client
  let second: Terminal
  let id: string

  beforeAll(async () => {
    scratch = await openScratchHome(real.executable, ["work", "second"])
    hung = await openClient(scratch, "work")
    await hung.chat("remember the blue kettle")
    await hung.ask("and what is in it? @@hang")
    await silentFor(scratch, hung, 1500)
    id = registered(scratch.home, hung.pid)?.sessionId ?? ""
    second = await scratch.terminal("second")
    await second.line(
      `alias session-rescue='${binary}' SESSION_RESCUE_DATA= ; export SESSION_RESCUE_DATA='${scratch.data}'`,
    )
  })
  afterAll(() => scratch?.close())

  async function typed(line: string): Promise<string> {
    await second.line("clear")
    await second.line(`${line}; echo "exit=$?"`)
    await second.shows(/^exit=\d/m)
    return second.screen()
  }

  test("see it", async () => {
    const screen = await typed("session-rescue --status --hung-after 1s")
    expect(screen).toMatch(/HUNG/)
    expect(screen).toContain(id.slice(0, 8))
  })

  test("save it: it goes on", async () => {
    expect(await typed(`session-rescue --export ${id.slice(0, 8)}`)).toMatch(
      /saved {4}[\s\S]*nothing is lost/,
    )
    expect(isAlive(hung.pid)).toBe(true)
  })

  test("end it: asked first, and its own terminal is a shell's again", async () => {
    await second.line("clear")
    await second.line(`session-rescue --kill ${id.slice(0, 8)}; echo "exit=$?"`)
    await second.shows("What it still writes is saved too".slice(5))
    expect(isAlive(hung.pid)).toBe(true)
    second.keys("y")
    await second.shows(/^exit=0/m)
    expect(second.screen()).toContain("ENDED")
    expect(isAlive(hung.pid)).toBe(false)
    await expectUsable(hung.terminal)
  })

  test("bring it back, in its own terminal, with all that was said", async () => {
    const screen = await typed(`session-rescue --resume ${id.slice(0, 8)}`)
    const line = /^ *(cd .* && claude --resume [0-9a-f-]{36})/m.exec(screen.replace(/ +$/gm, ""))?.[1] ?? ""
    expect(line).toContain(id)
    await hung.terminal.line(`clear; ${line}`)
    await hung.terminal.shows("mock reply to remember the blue kettle")
  })
})
