/** A conversation that the real client wrote, and asking it to go on with it: damaged, and repaired. */
import { readFileSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { transcriptsOf } from "../driving/client-files.ts"
import { openScratchHome, type ScratchHome } from "../harness/scratch-home.ts"
import { type Said, said } from "./damages.ts"

/** A picture of one pixel. */
const picture =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

export interface Asked {
  readonly code: number
  /** Why the API refused what the client sent. */
  readonly refused: string | null
  /** What the client sent to the model of the conversation so far. */
  readonly remembered: readonly Said[]
  /** Whether the model answered. */
  readonly went: boolean
  readonly output: string
}

export interface Talk {
  readonly scratch: ScratchHome
  readonly id: string
  readonly path: string
  /** As the client wrote it. */
  readonly lines: readonly string[]
  put(bytes: Uint8Array): void
  goOn(): Promise<Asked>
}

/** A client that walks a loop never returns. */
const maxAskMs = 30_000

export async function holdTalk(executable: string): Promise<Talk> {
  const scratch = await openScratchHome(executable, ["work"])
  const cwd = scratch.folder("work")
  const refusals = scratch.api.refuses()
  const file = join(cwd, "picture.png")
  writeFileSync(file, Buffer.from(picture, "base64"))
  const tools = ["--allowedTools", "Bash(*)", "Read", "--permission-mode", "acceptEdits"]

  async function ask(prompt: string, ...args: string[]) {
    const client = Bun.spawn([executable, "-p", prompt, ...args], {
      ...{ cwd, env: scratch.env, stdin: "ignore", stdout: "pipe", stderr: "pipe" },
      ...{ timeout: maxAskMs, killSignal: "SIGKILL" },
    })
    const [out, err] = await Promise.all([client.stdout.text(), client.stderr.text()])
    return { code: await client.exited, output: out + err }
  }

  const prompts = [
    "the red kettle",
    'the green kettle @@tool Bash {"command":"echo steam-rises"}',
    `the yellow kettle @@tool Read {"file_path":"${file}"}`,
    "the blue kettle",
  ]
  let path = ""
  for (const [index, prompt] of prompts.entries()) {
    const resume = index === 0 ? [] : ["--resume", basename(path, ".jsonl")]
    const { code, output } = await ask(prompt, ...resume, ...tools)
    if (code !== 0) throw new Error(`the client did not answer: ${output}`)
    const words = prompt.split(" @@")[0] ?? ""
    path =
      transcriptsOf(scratch.home, cwd).find((each) =>
        readFileSync(each, "utf8").includes(`mock reply to ${words}`),
      ) ?? ""
    if (path === "") throw new Error(`"${words}" is in no transcript`)
  }
  const id = basename(path, ".jsonl")
  const lines = readFileSync(path, "utf8").split(/(?<=\n)/)
  return {
    scratch,
    id,
    path,
    lines,
    put: (bytes) => writeFileSync(path, bytes),
    async goOn() {
      const before = refusals.length
      const asked = scratch.api.prompts().length
      const { code, output } = await ask("and now?", "--resume", id)
      const refused = refusals.slice(before)[0] ?? null
      const isAsked = scratch.api.prompts().length > asked
      const sent = isAsked ? JSON.stringify(scratch.api.sent()) : ""
      return {
        code,
        output,
        refused,
        remembered: said.filter((each) => sent.includes(each)),
        went: code === 0 && output.includes("mock reply to and now?"),
      }
    },
  }
}
