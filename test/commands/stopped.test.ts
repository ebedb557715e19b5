/** Commands that run until they are stopped. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { binary, Machine } from "../fixtures/machine.ts"
import { until } from "../fixtures/until.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const initialize = {
  ...{ jsonrpc: "2.0", id: 1, method: "initialize" },
  params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "a-test", version: "1" } },
}

/** Whether it serves: by what it has printed, and the watcher, which prints nothing without a terminal, by its state. */
async function isReady(child: Bun.Subprocess<"pipe", "pipe">, says: string | null): Promise<void> {
  if (says === null) {
    const state = join(machine.data, "watch/state.json")
    const runs = () => existsSync(state) && JSON.parse(readFileSync(state, "utf8")).runner?.pid === child.pid
    await until("the watcher to have looked", runs)
    return
  }
  let printed = ""
  for await (const part of child.stdout) {
    printed += new TextDecoder().decode(part)
    if (printed.includes(says)) return
  }
}

test.each([
  ["watch", [], null],
  ["serve", ["--no-open", "--port", "0"], "#t="],
  ["mcp", [], "serverInfo"],
] as const)(
  "%s: Ctrl-C is 130 as everywhere, and TERM, as a service manager stops it, is 0",
  async (name, args, says) => {
    for (const [signal, code] of [
      ["SIGINT", 130],
      ["SIGTERM", 0],
    ] as const) {
      const child = Bun.spawn([binary, name, ...args], {
        env: { HOME: machine.home, PATH: process.env.PATH ?? "", SESSION_RESCUE_DATA: machine.data },
        stdio: ["pipe", "pipe", "ignore"],
      })
      child.stdin.write(`${JSON.stringify(initialize)}\n`)
      child.stdin.flush()
      await isReady(child, says)
      child.kill(signal)
      expect([signal, await child.exited]).toEqual([signal, code])
    }
  },
)
