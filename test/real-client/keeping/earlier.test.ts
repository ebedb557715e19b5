import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { readFileSync, writeFileSync } from "node:fs"
import { basename } from "node:path"
import { transcriptsOf } from "../driving/client-files.ts"
import { eachClient } from "../harness/each-client.ts"
import { openScratchHome, type ScratchHome } from "../harness/scratch-home.ts"

setDefaultTimeout(120_000)

const answers = ["the red kettle", "the green kettle", "the blue kettle"]

await eachClient(
  "back to an earlier point, in the real client",
  ({ version }) => !version.startsWith("1."),
  (real) => {
    let scratch: ScratchHome
    let path: string
    let id: string
    let whole: string

    /** Asks it without a terminal. */
    async function ask(prompt: string, ...args: string[]): Promise<void> {
      const command = [real.executable, "-p", prompt, ...args]
      const options = { cwd: scratch.folder("work"), env: scratch.env, stdin: "ignore" } as const
      const client = Bun.spawn(command, { ...options, stdout: "ignore", stderr: "ignore" })
      expect(await client.exited).toBe(0)
    }

    /** The answers that the client sends to the model when it goes on with the conversation. */
    async function remembered(): Promise<string[]> {
      await ask("and now?", "--resume", id)
      const sent = JSON.stringify(scratch.api.sent())
      return answers.filter((each) => sent.includes(`mock reply to ${each}`))
    }

    beforeAll(async () => {
      scratch = await openScratchHome(real.executable, ["work"])
      for (const [index, each] of answers.entries()) {
        await ask(each, ...(index === 0 ? [] : ["--resume", id]))
        const files = transcriptsOf(scratch.home, scratch.folder("work"))
        path = files.find((file) => readFileSync(file, "utf8").includes(`mock reply to ${each}`)) ?? ""
        id = basename(path, ".jsonl")
      }
      whole = readFileSync(path, "utf8")
    })
    afterAll(() => scratch?.close())

    test("ended before its second prompt, a copy under a new id goes on from there", async () => {
      writeFileSync(path, whole)
      const args = ["--before", "the green kettle", "--data-dir", scratch.data, "--json"]
      const outcome = await scratch.product("restore", id, ...args)
      const original = id
      id = outcome.json<{ id: string }>().id
      expect(await remembered()).toEqual(["the red kettle"])
      expect(readFileSync(path.replace(id, original), "utf8")).toBe(whole)
    })
  },
)
