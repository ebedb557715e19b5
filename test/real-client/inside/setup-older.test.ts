import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { existsSync, mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { until } from "../../fixtures/until.ts"
import { type Client, openClient } from "../driving/client.ts"
import { eachClient, withoutRegistry } from "../harness/each-client.ts"
import { openScratchHome, type ScratchHome } from "../harness/scratch-home.ts"

setDefaultTimeout(90_000)

await eachClient("set up in a client that keeps no registry", withoutRegistry, (real) => {
  let scratch: ScratchHome
  let client: Client
  const log = () => {
    const file = join(scratch.home, "PROJECTS/.coditect-data/hook.log")
    return existsSync(file) ? readFileSync(file, "utf8") : ""
  }

  beforeAll(async () => {
    scratch = await openScratchHome(real.executable, ["one"])
    mkdirSync(join(scratch.home, ".claude"), { recursive: true })
    expect(await scratch.product("setup", "--commands", "--hooks")).toMatchObject({ code: 0 })
    client = await openClient(scratch, "one")
  })
  afterAll(() => scratch?.close())

  test("/session-rescue puts the status, with this session as CURRENT, into the request", async () => {
    await client.chat("good morning")
    const before = scratch.api.prompts().length
    await client.command("/session-rescue", () => scratch.api.prompts().length > before)
    expect(scratch.api.prompts()[before]).toMatch(new RegExp(`^CURRENT .* pid ${client.pid} `, "m"))
  })

  test("the session is saved when it ends", async () => {
    await client.command("/exit", () => !existsSync(`/proc/${client.pid}`))
    await until("the hook's line", () => log().includes("SessionEnd"), { show: log })
    expect(log()).toMatch(/SessionEnd .* (verified|unchanged) /)
  })
})
