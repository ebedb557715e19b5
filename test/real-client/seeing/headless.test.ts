import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { readFileSync } from "node:fs"
import { until } from "../../fixtures/until.ts"
import { registered, transcriptsOf } from "../driving/client-files.ts"
import { eachClient, withRegistry } from "../harness/each-client.ts"
import { openScratchHome, type ScratchHome } from "../harness/scratch-home.ts"

setDefaultTimeout(60_000)

await eachClient("a headless client (claude -p)", withRegistry, (real) => {
  let scratch: ScratchHome
  let pid: number

  beforeAll(async () => {
    scratch = await openScratchHome(real.executable, ["script"])
    const terminal = await scratch.terminal("script")
    await terminal.line("claude -p 'sum it up @@hang'")
    pid = await terminal.child()
    await until("its question on disk", () =>
      transcriptsOf(scratch.home, scratch.folder("script")).some((file) =>
        readFileSync(file, "utf8").includes('"content":"sum it up'),
      ),
    )
  })
  afterAll(() => scratch?.close())

  test("is a session at work, though it gives no status", async () => {
    const entry = await scratch.entry({ pid })
    const id = registered(scratch.home, pid)?.sessionId ?? ""
    expect(entry).toMatchObject({ id, state: "ACTIVE", detail: "working", cwd: scratch.folder("script") })
  })
})
