import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { existsSync } from "node:fs"
import { type Client, openClient } from "../driving/client.ts"
import { registered } from "../driving/client-files.ts"
import { eachClient, withRegistry } from "../harness/each-client.ts"
import { openScratchHome, type ScratchHome } from "../harness/scratch-home.ts"

setDefaultTimeout(60_000)

await eachClient("after /clear", withRegistry, (real) => {
  let scratch: ScratchHome
  let cleared: Client, killed: Client
  let firstId: string, killedId: string, secondId: string

  const idOf = (client: Client) => registered(scratch.home, client.pid)?.sessionId ?? ""

  beforeAll(async () => {
    scratch = await openScratchHome(real.executable, ["cleared", "killed"])
    ;[cleared, killed] = await Promise.all([openClient(scratch, "cleared"), openClient(scratch, "killed")])
    await Promise.all([cleared.chat("good morning"), killed.chat("good night")])
    firstId = idOf(cleared)
    killedId = idOf(killed)
    await killed.kill("SIGKILL")
    await cleared.command("/clear", () => idOf(cleared) !== firstId && idOf(cleared))
    secondId = idOf(cleared)
  })
  afterAll(() => scratch?.close())

  test("the process is the new conversation, and the old one is closed", async () => {
    const live = await scratch.entry(cleared)
    expect(live).toMatchObject({ id: secondId, state: "ACTIVE", detail: "waiting for you" })
    const old = await scratch.entry({ id: firstId })
    expect(old).toMatchObject({ state: "ORPHANED", detail: "closed", pid: null, cwd: cleared.cwd })
  })

  test("the new conversation's transcript is its own, once it is spoken to", async () => {
    await cleared.chat("good evening")
    const live = await scratch.entry(cleared)
    expect(live).toMatchObject({ id: secondId, state: "ACTIVE", transcript: cleared.transcript() ?? "" })
    expect(live.transcript).toContain(secondId)
  })

  test("one killed before is still crashed, also where the client that cleared swept its registry file away", async () => {
    expect(existsSync(`${scratch.home}/.claude/sessions/${killed.pid}.json`)).toBe(!real.sweepsRegistry)
    expect(await scratch.entry({ id: killedId })).toMatchObject({ state: "ORPHANED", detail: "crashed" })
  })
})
