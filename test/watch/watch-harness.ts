/** The compiled watcher on a machine of its own, with programs that take what it tells. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { binary, Machine, type StartedProgram } from "../fixtures/machine.ts"
import { record, sessionId, type Talk, user } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"

export interface Usage {
  readonly tokens: number
  readonly model?: string
  readonly requested?: string
}

/** A conversation that ends with an answer made from so many tokens. */
export function talkOf(
  number: number,
  usages: readonly Usage[],
  { cwd = "/work/one", age = 60_000, open = false } = {},
): string {
  const talk: Talk = { id: sessionId(number), cwd, at: new Date(Date.now() - age), version: "2.1.332" }
  const answers = usages.map(({ tokens, model = "claude-sonnet-4-5", requested = model }, index) => {
    const usage = { input_tokens: tokens - 20, output_tokens: 20 }
    const message = {
      ...{ id: `msg_${index}`, model, role: "assistant", usage },
      ...{ content: [{ type: "text", text: "done" }], stop_reason: "end_turn" },
    }
    return record(talk, 2 * index + 1, { type: "assistant", message, requestedModel: requested })
  })
  const asked = (index: number) => record(talk, 2 * index, user("mend it"))
  const whole = answers.map((answer, index) => asked(index) + answer).join("")
  return open ? whole + asked(answers.length) : whole
}

export class WatchMachine extends Machine {
  readonly #bin = join(this.root, "bin")

  /** What the desktop was told, one notification each. */
  get notified(): readonly string[] {
    return this.#lines("notified").filter((line) => line !== "")
  }

  /** What the configured command was told. */
  // biome-ignore lint/suspicious/noExplicitAny: a test says itself what it expects
  get commanded(): readonly any[] {
    return this.#lines("commanded")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line))
  }

  /** A desktop, and a command in the config file. */
  withTelling(config = ""): void {
    const script = (name: string, text: string) => {
      this.write(join(this.#bin, name), `#!/bin/sh\n${text}\n`)
      Bun.spawnSync(["chmod", "755", join(this.#bin, name)])
    }
    script(
      "notify-send",
      `printf '%s|' "$@" | tr '\\n' '~' >> '${this.root}/notified'; echo >> '${this.root}/notified'`,
    )
    script("told", `cat >> '${this.root}/commanded'`)
    this.config(`notify_command = ["${join(this.#bin, "told")}"]\n${config}`)
  }

  config(text: string): void {
    this.write(join(this.home, ".config/session-rescue/config.toml"), text)
  }

  get watchEnv(): Record<string, string> {
    return {
      PATH: `${this.#bin}:/usr/bin:/bin`,
      DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent",
      SESSION_RESCUE_DATA: this.data,
    }
  }

  /** One look, as cron makes it. */
  once(...args: string[]) {
    return this.run(["watch", "--once", ...args], { env: this.watchEnv })
  }

  async status(program?: string) {
    return this.run(["watch", "--status", "--json"], program === undefined ? {} : { binary: program })
  }

  /** The resident watcher, once it has looked. */
  async watch(args: readonly string[] = [], program = binary): Promise<StartedProgram> {
    const command = `exec '${program}' watch ${args.join(" ")} >> '${this.root}/watch.out' 2>&1`
    const watcher = this.start(["sh", "-c", command], { env: this.watchEnv })
    await until("the watcher to have looked", async () => (await this.state())?.runner?.pid === watcher.pid, {
      show: () => this.printed,
    })
    return watcher
  }

  get printed(): string {
    return this.#lines("watch.out").join("\n")
  }

  // biome-ignore lint/suspicious/noExplicitAny: a test says itself what it expects
  async state(): Promise<any> {
    const file = join(this.data, "watch/state.json")
    return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null
  }

  /** The exported transcripts, oldest first. */
  get copies(): readonly string[] {
    const pending = join(this.data, "sessions-export-pending-anthropic")
    return existsSync(pending)
      ? readdirSync(pending)
          .filter((name) => name.endsWith(".jsonl"))
          .toSorted()
          .map((name) => join(pending, name))
      : []
  }

  get copiedBytes(): number {
    return this.copies.reduce((sum, path) => sum + statSync(path).size, 0)
  }

  #lines(name: string): readonly string[] {
    const file = join(this.root, name)
    return existsSync(file) ? readFileSync(file, "utf8").split("\n") : []
  }
}
