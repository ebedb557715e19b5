import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { until } from "../../fixtures/until.ts"
import { type Client, mayRun, openClient } from "../driving/client.ts"
import { subagentFiles } from "../driving/client-files.ts"
import { eachClient, withRegistry } from "../harness/each-client.ts"
import { childrenOf } from "../harness/processes.ts"
import { openScratchHome, type ScratchHome } from "../harness/scratch-home.ts"

setDefaultTimeout(90_000)
const bash = { command: "tail -f /dev/null", description: "d" }
const digs = (prompt: string) =>
  `@@tool Agent ${JSON.stringify({ description: "dig", prompt, run_in_background: true })}`
/** Unlike any other process of this machine, so that the evidence can be told from it. */
const hook = "sleep 98761"

await eachClient("a client whose turn has more to it than the model", withRegistry, (real) => {
  let scratch: ScratchHome
  let unanswered: Client, stopping: Client, prompted: Client, delegating: Client, both: Client

  beforeAll(async () => {
    const folders = ["unanswered", "stopping", "prompted", "delegating", "both"]
    // so that it tries again after seconds, and not after six minutes
    scratch = await openScratchHome(real.executable, folders, { API_TIMEOUT_MS: "4000" })
    hooked("stopping", "Stop")
    hooked("both", "Stop")
    hooked("prompted", "UserPromptSubmit")
    const opened = folders.map((folder) => openClient(scratch, folder, mayRun))
    ;[unanswered, stopping, prompted, delegating, both] = (await Promise.all(opened)) as [
      Client,
      Client,
      Client,
      Client,
      Client,
    ]
  })
  afterAll(() => scratch?.close())

  function hooked(folder: string, event: string) {
    const settings = { hooks: { [event]: [{ hooks: [{ type: "command", command: hook, timeout: 3600 }] }] } }
    mkdirSync(join(scratch.folder(folder), ".claude"))
    writeFileSync(join(scratch.folder(folder), ".claude/settings.json"), JSON.stringify(settings))
  }
  const runsHook = (pid: number) =>
    readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").includes(hook)
  const hookOf = ({ pid, terminal }: Client) =>
    until("its hook", () => childrenOf(pid).find(runsHook), { show: terminal.screen })
  const seen = async (client: Client) => {
    const entry = await scratch.entry(client, "--hung-after", "1ms")
    return { ...entry, says: entry.evidence.map(({ message }) => message).join("\n") }
  }

  test("a hook at the turn's end is at work, and named", async () => {
    await stopping.ask("stop here")
    const pid = await hookOf(stopping)
    const entry = await seen(stopping)
    expect(entry).toMatchObject({ state: "ACTIVE", detail: "running a hook" })
    expect(entry.says).toContain(`a hook: its process ${pid} (${hook})`)
  })

  test("a hook before the prompt is on disk is at work, and named", async () => {
    await prompted.terminal.line("look at this first")
    const pid = await hookOf(prompted)
    await prompted.says("busy")
    const entry = await seen(prompted)
    expect(entry).toMatchObject({ state: "ACTIVE", detail: "running a hook", flags: [] })
    expect(entry.says).toContain(`a hook: its process ${pid} (${hook})`)
  })

  test("an agent in the background is at work after its session's own turn", async () => {
    await delegating.ask(`delegate it ${digs("dig @@hang")}`)
    await until("the agent's transcript", () => subagentFiles(scratch.home, delegating.cwd)[0])
    await delegating.recorded('"end_turn"')
    expect(await scratch.entry(delegating)).toMatchObject({
      state: "ACTIVE",
      detail: "background agent working",
    })
  })

  test("a tool and a hook at once are both named", async () => {
    await both.ask(`delegate it ${digs(`dig @@tool Bash ${JSON.stringify(bash)}`)}`)
    const pid = await hookOf(both)
    const entry = await until("the agent's tool", async () => {
      const now = await seen(both)
      return now.detail === "running a tool and a hook" && now
    })
    expect(entry.state).toBe("ACTIVE")
    expect(entry.says).toContain(`a hook: its process ${pid} (${hook})`)
    expect(entry.says).toContain(`Bash ${bash.command}: its process`)
  })

  test.skipIf(!real.retryRecords)(
    "a request that gets no answer is hung, however often it is tried again",
    async () => {
      await unanswered.ask("think about it @@hang")
      const written = () => {
        const transcript = unanswered.transcript()
        return transcript === undefined ? "" : readFileSync(transcript, "utf8")
      }
      const tries = () => written().split('"type":"api-request"').length - 1
      await until("the second retry", () => tries() > 2)
      const entry = await seen(unanswered)
      expect(entry).toMatchObject({ state: "HUNG", detail: "no answer, retrying" })
      expect(entry.says).toMatch(
        /\d requests since then got no answer: the first \d+ s ago, the last \d+ s ago/,
      )
      expect(await scratch.entry(unanswered)).toMatchObject({ state: "ACTIVE", detail: "working" })
      await until("an answer", () => {
        scratch.api.release() // the try that waits right now
        return written().includes('"end_turn"')
      })
      await unanswered.says("idle")
      expect(await seen(unanswered)).toMatchObject({ state: "ACTIVE", detail: "waiting for you", flags: [] })
    },
  )
})
