import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Client, mayRun, openClient } from "../driving/client.ts"
import { type Registered, registered } from "../driving/client-files.ts"
import { answerTo, leaveQuestion } from "../driving/question.ts"
import { eachEntry, withRegistry } from "../harness/each-client.ts"
import { openScratchHome, type ScratchHome } from "../harness/scratch-home.ts"

setDefaultTimeout(60_000)

/** As people do: a tmux server started by the client hands its environment to every pane, for ever. */
const leak = (socket: string) => `tmux -S '${socket}' -f /dev/null new-session -d '
sh ask.sh leaked
env -u CLAUDE_CODE_SESSION_ID sh ask.sh clean
CLAUDE_CODE_SESSION_ID=00000000-0000-4000-8000-000000000000 sh ask.sh stranger'
`

await eachEntry("asked from inside a client", withRegistry, (real) => {
  let scratch: ScratchHome
  let asking: Client, other: Client
  let self: Registered | undefined

  beforeAll(async () => {
    scratch = await openScratchHome(real.executable, ["asking", "other"])
    leaveQuestion(scratch, "asking")
    writeFileSync(join(scratch.folder("asking"), "leak.sh"), leak(join(scratch.root, "leak")))
    ;[asking, other] = await Promise.all([
      openClient(scratch, "asking", mayRun),
      openClient(scratch, "other"),
    ])
    await other.chat("good morning")
    await asking.chat(
      'who am I @@tool Bash {"command":"sh ask.sh tool"} @@tool Bash {"command":"sh leak.sh"}',
    )
    self = registered(scratch.home, asking.pid)
  })
  afterAll(() => scratch?.close())

  test("from its own tool, exactly that session is the current one", async () => {
    const { current } = await answerTo(scratch, "asking", "tool")
    expect(current).toHaveLength(1)
    expect(current[0]).toMatchObject({ pid: asking.pid, id: self?.sessionId ?? "" })
  })

  test("from a tmux pane that inherited the client's variable: current, and how to be rid of it", async () => {
    const { current, warned } = await answerTo(scratch, "asking", "leaked")
    expect(current).toHaveLength(1)
    expect(current[0]).toMatchObject({ pid: asking.pid, id: self?.sessionId ?? "" })
    expect(warned).toContain("env -u CLAUDE_CODE_SESSION_ID")
  })

  test("from the same pane without the variable, no session is the current one", async () => {
    const { current, all } = await answerTo(scratch, "asking", "clean")
    expect(current).toEqual([])
    expect(all.map((entry) => entry.pid)).toContain(asking.pid)
  })

  test("the variable of a session that no client holds makes none the current one", async () => {
    expect((await answerTo(scratch, "asking", "stranger")).current).toEqual([])
  })
})
