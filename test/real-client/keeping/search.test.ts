/** What was said to a real client is found: a moment later from elsewhere, and by the session that follows it. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { globSync, symlinkSync } from "node:fs"
import { dirname, join } from "node:path"
import { until } from "../../fixtures/until.ts"
import { expectOnPage } from "../../serve/real.ts"
import { type Client, mayRun, openClient } from "../driving/client.ts"
import { registered } from "../driving/client-files.ts"
import { binary } from "../harness/binary.ts"
import { eachClient, withRegistry } from "../harness/each-client.ts"
import { openScratchHome, type ScratchHome } from "../harness/scratch-home.ts"

setDefaultTimeout(90_000)

interface Found {
  readonly total: number
  readonly hits: readonly {
    readonly session: string
    readonly kind: string
    readonly text: string
    readonly isError: boolean
    readonly project: string
    readonly source: { readonly document: string; readonly place: string }
  }[]
  readonly error?: { readonly code: string }
}

await eachClient("searching real sessions", withRegistry, (real) => {
  let scratch: ScratchHome
  let talking: Client

  const ask = async (...args: string[]) =>
    (await scratch.product("cxq", "--json", "--data-dir", scratch.data, ...args)).json<Found>()
  const read = async () => {
    const { code, stderr } = await scratch.product("cx", "--live", "--data-dir", scratch.data)
    expect([code, stderr]).toEqual([0, ""])
  }

  beforeAll(async () => {
    scratch = await openScratchHome(real.executable, ["talking", "following"])
    symlinkSync(binary, join(scratch.root, "bin/session-rescue"))
    talking = await openClient(scratch, "talking", mayRun)
  })
  afterAll(() => scratch?.close())

  test("a phrase said a moment ago is found from another terminal", async () => {
    await talking.chat("the walrus likes cold soup")
    const other = await scratch.terminal("following")
    const data = `--data-dir ${scratch.data}`
    await other.line(`session-rescue cx --live ${data} && session-rescue cxq '"cold soup" walrus' ${data}`)
    await other.shows("2 of 2 shown.") // the question and the answer
    const id = registered(scratch.home, talking.pid)?.sessionId ?? ""
    expect(other.screen()).toContain(`session-rescue resume ${id.slice(0, 8)}`)
    const { hits, total } = await ask("walrus", "--role", "user")
    expect([total, hits[0]?.session, hits[0]?.text]).toEqual([1, id, "the walrus likes cold soup"])
    expect(hits[0]?.project).toBe(scratch.folder("talking"))
  })

  test("is read on the page", async () => {
    const id = registered(scratch.home, talking.pid)?.sessionId ?? ""
    await expectOnPage({ ...scratch, id, texts: ["the walrus likes cold soup"] })
  })

  test("what a tool printed is found, and what failed, and what was done then", async () => {
    const steps = [
      '@@tool Bash {"command":"echo toolneedle | tr a-z A-Z"}',
      '@@tool Bash {"command":"cat /no/such/file-needle"}',
    ]
    await talking.ask(`run both ${steps.join(" ")}`)
    await talking.recorded("No such file")
    await talking.says("idle")
    await read()
    expect((await ask('"TOOLNEEDLE"', "--role", "tool")).hits).toMatchObject([{ kind: "tool_result" }])
    expect((await ask("/no/such/file-needle", "--errors")).hits).toMatchObject([{ isError: true }])
    const { stdout } = await scratch.product("cxq", "--commands", "--data-dir", scratch.data)
    expect(stdout).toMatch(/FAILED .*\n {2}\$ cat \/no\/such\/file-needle\n/)
    expect(stdout).toMatch(/ok .*\n {2}\$ echo toolneedle/)
  })

  test("a tool's output that the client kept in a file of its own is found too", async () => {
    const command = "seq 60000 | sed s/^43210$/needlekeptapart/"
    await talking.ask(`count @@tool Bash ${JSON.stringify({ command })}`)
    const folder = join(dirname(talking.transcript() ?? ""), "*/tool-results/*.txt")
    await until("the output in a file of its own", () => globSync(folder)[0])
    await talking.says("idle")
    await read()
    const { hits } = await ask("needlekeptapart", "--role", "tool")
    expect(hits).toHaveLength(1)
    expect(hits[0]?.source.document).toMatch(/tool-results\/.*\.txt$/)
    expect(hits[0]?.text).toContain("43209\nneedlekeptapart\n43211\n")
  })

  test("context is exhausted: export, cx, and cxq --recent 20 in a new session", async () => {
    const id = registered(scratch.home, talking.pid)?.sessionId ?? ""
    const data = ["--data-dir", scratch.data]
    expect((await scratch.product("export", id, ...data)).code).toBe(0)
    const cx = await scratch.product("cx", ...data)
    expect([cx.code, cx.stdout]).toEqual([0, expect.stringContaining("1 archived")])
    await talking.kill("SIGTERM")
    const { stdout } = await scratch.product("cxq", "--recent", "20", ...data)
    expect(stdout).toMatch(/^# The newest \d+ messages, about \d+ tokens, oldest first\n/)
    const following = await scratch.terminal("following")
    await following.line(`claude -p "go on: $(session-rescue cxq --recent 20 ${data.join(" ")})"`)
    await until("the memory to reach the model", () => scratch.api.asked("you: the walrus likes cold soup"))
    await following.shows("mock reply to ")
    await read()
    const { hits } = await ask("walrus", "--project", "following")
    expect(hits[0]?.text).toStartWith("go on: # The newest ")
  })
})
