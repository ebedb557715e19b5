import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { existsSync, mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { until } from "../../fixtures/until.ts"
import { type Client, openClient } from "../driving/client.ts"
import { eachClient, withoutRegistry } from "../harness/each-client.ts"
import { openPlayground, type Playground } from "../harness/scratch-home.ts"

setDefaultTimeout(90_000)

await eachClient("set up in a client that keeps no registry", withoutRegistry, (real) => {
  let ground: Playground
  let client: Client
  const log = () => {
    const file = join(ground.home, "PROJECTS/.coditect-data/hook.log")
    return existsSync(file) ? readFileSync(file, "utf8") : ""
  }

  beforeAll(async () => {
    ground = await openPlayground(real.executable, ["one"])
    mkdirSync(join(ground.home, ".claude"), { recursive: true })
    expect(await ground.product("setup", "--commands", "--hooks")).toMatchObject({ code: 0 })
    client = await openClient(ground, "one")
  })
  afterAll(() => ground?.close())

  test("/session-rescue puts the status, with this session as CURRENT, into the request", async () => {
    await client.chat("good morning")
    const before = ground.api.prompts().length
    await client.command("/session-rescue", () => ground.api.prompts().length > before)
    expect(ground.api.prompts()[before]).toMatch(new RegExp(`^CURRENT .* pid ${client.pid} `, "m"))
  })

  test("the session is saved when it ends", async () => {
    await client.command("/exit", () => !existsSync(`/proc/${client.pid}`))
    await until("the hook's line", () => log().includes("SessionEnd"), { show: log })
    expect(log()).toMatch(/SessionEnd .* (verified|unchanged) /)
  })
})
