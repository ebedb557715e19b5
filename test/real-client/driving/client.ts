import { readFileSync } from "node:fs"
import { until } from "../../fixtures/until.ts"
import { commandOf, descendantsOf, isAlive } from "../harness/processes.ts"
import type { ScratchHome } from "../harness/scratch-home.ts"
import type { Terminal } from "../harness/terminal.ts"
import { type Registered, registered, transcriptOf, transcriptsOf } from "./client-files.ts"
import { submit } from "./submit.ts"

/** A client running in a terminal of its own. */
export interface Client {
  pid: number
  cwd: string
  terminal: Terminal
  /** Gives it a prompt and waits until the model is asked. */
  ask(prompt: string): Promise<void>
  /** Gives it a prompt and waits until the reply is in the transcript and, from 2.1, the client says that it waits. */
  chat(prompt: string): Promise<void>
  /** Gives it a slash command and waits until the condition holds. */
  command(name: string, effect: () => unknown): Promise<void>
  /** What the client says of itself (from 2.1), once it has the given status. */
  says(status: NonNullable<Registered["status"]>): Promise<Registered>
  /** Its transcript: by the id it registered, else the only one of its folder. */
  transcript(): string | undefined
  /** Waits until a transcript in its folder holds that text, byte for byte. */
  recorded(text: string): Promise<void>
  /** Waits until a program it has started, such as a tool's, runs with exactly that command line. */
  runs(command: string): Promise<void>
  kill(signal: "SIGKILL" | "SIGTERM"): Promise<void>
  gone(): Promise<void>
}

/** Arguments with which it asks the person before a tool runs: where "auto mode" is the default it decides by itself. */
export const asking = "--permission-mode default"
/** Arguments with which its tools run without a question. "Auto mode" would set rules as wide as these aside. */
export const mayRun = `${asking} --allowedTools 'Bash(*)' Agent Task`

/** What its screen shows once it takes a prompt. */
export const ready = /\? for shortcuts|accept edits on|auto mode on/

/** Starts the client in that folder and waits until it takes a prompt. */
export async function openClient(
  scratch: ScratchHome,
  folder: string,
  args = "",
  shell?: string[],
): Promise<Client> {
  const terminal = await scratch.terminal(folder, shell)
  await terminal.line(`claude ${args}`)
  await terminal.shows(ready)
  const pid = await terminal.child()
  return attach(scratch, { pid, terminal, cwd: scratch.folder(folder) })
}

function attach(scratch: ScratchHome, known: { pid: number; terminal: Terminal; cwd: string }): Client {
  const { pid, terminal, cwd } = known
  const { home, api } = scratch
  const client: Client = {
    ...known,
    async ask(prompt) {
      await submit(terminal, prompt, () => api.asked(prompt))
    },
    async chat(prompt) {
      await client.ask(prompt)
      await client.recorded(JSON.stringify(`mock reply to ${prompt}`).slice(1, -1))
      // the reply is written first: until its hooks have run, the client is still at work
      if (registered(home, pid)?.status) await client.says("idle")
    },
    command: (name, effect) => submit(terminal, name, effect),
    async says(status) {
      const entry = () => registered(home, pid)
      const agrees = () => entry()?.status === status && entry()
      return until(`${pid} to be ${status}`, agrees, { show: terminal.screen })
    },
    transcript() {
      const entry = registered(home, pid)
      return entry ? transcriptOf(home, entry) : transcriptsOf(home, cwd)[0]
    },
    async recorded(text) {
      const holds = (file: string) => readFileSync(file, "utf8").includes(text)
      const recorded = () => transcriptsOf(home, cwd).some(holds)
      await until(`"${text}" in a transcript`, recorded, { show: terminal.screen })
    },
    async runs(command) {
      const started = () => descendantsOf(pid).some((each) => commandOf(each) === command)
      await until(`"${command}" to run below ${pid}`, started, { show: terminal.screen })
    },
    async kill(signal) {
      process.kill(pid, signal)
      await client.gone()
    },
    async gone() {
      await until(`${pid} to end`, () => !isAlive(pid), { show: terminal.screen })
    },
  }
  return client
}
