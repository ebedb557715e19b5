import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Client, mayRun, openClient } from "../driving/client.ts"
import { type Registered, registered } from "../driving/client-files.ts"
import { answerTo, leaveQuestion } from "../driving/question.ts"
import { eachEntry, withRegistry } from "../harness/each-client.ts"
import { openPlayground, type Playground } from "../harness/scratch-home.ts"

setDefaultTimeout(60_000)

/** As people do: a tmux server started by the client hands its environment to every pane, for ever. */
const leak = (socket: string) => `tmux -S '${socket}' -f /dev/null new-session -d '
sh ask.sh leaked
env -u CLAUDE_CODE_SESSION_ID sh ask.sh clean
CLAUDE_CODE_SESSION_ID=00000000-0000-4000-8000-000000000000 sh ask.sh stranger'
`

await eachEntry("asked from inside a client", withRegistry, (real) => {
  let ground: Playground
  let asking: Client, other: Client
  let self: Registered | undefined

  beforeAll(async () => {
    ground = await openPlayground(real.executable, ["asking", "other"])
    leaveQuestion(ground, "asking")
    writeFileSync(join(ground.folder("asking"), "leak.sh"), leak(join(ground.root, "leak")))
    ;[asking, other] = await Promise.all([openClient(ground, "asking", mayRun), openClient(ground, "other")])
    await other.chat("good morning")
    await asking.chat(
      'who am I @@tool Bash {"command":"sh ask.sh tool"} @@tool Bash {"command":"sh leak.sh"}',
    )
    self = registered(ground.home, asking.pid)
  })
  afterAll(() => ground?.close())

  test("from its own tool, exactly that session is the current one", async () => {
    const { current } = await answerTo(ground, "asking", "tool")
    expect(current).toHaveLength(1)
    expect(current[0]).toMatchObject({ pid: asking.pid, id: self?.sessionId ?? "" })
  })

  test("from a tmux pane that inherited the client's variable: current, and how to be rid of it", async () => {
    const { current, warned } = await answerTo(ground, "asking", "leaked")
    expect(current).toHaveLength(1)
    expect(current[0]).toMatchObject({ pid: asking.pid, id: self?.sessionId ?? "" })
    expect(warned).toContain("env -u CLAUDE_CODE_SESSION_ID")
  })

  test("from the same pane without the variable, no session is the current one", async () => {
    const { current, all } = await answerTo(ground, "asking", "clean")
    expect(current).toEqual([])
    expect(all.map((entry) => entry.pid)).toContain(asking.pid)
  })

  test("the variable of a session that no client holds makes none the current one", async () => {
    expect((await answerTo(ground, "asking", "stranger")).current).toEqual([])
  })
})
