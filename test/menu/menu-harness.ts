/** The compiled binary's live list on a real terminal, with real keys. */
import { expect } from "bun:test"
import { join } from "node:path"
import { binary, Machine } from "../fixtures/machine.ts"
import { openTerminal, type Terminal } from "../real-client/harness/terminal.ts"
import { privateTmux, type Tmux } from "../real-client/harness/tmux.ts"

export interface MenuHarness {
  readonly machine: Machine
  readonly terminal: Terminal
  readonly tmux: Tmux
  /** Starts the program there and waits for its list. */
  menu(...args: string[]): Promise<void>
  /** Presses one key, and waits until the screen shows that. */
  press(key: string, shows: string | RegExp): Promise<void>
  /** The terminal is as a shell needs it: echo and lines, the cursor, the normal screen. */
  expectSane(): Promise<void>
  close(): Promise<void>
}

/** A program called claude is on PATH: it says how it was started, and ends with 7 once it is given a line or Ctrl-C. */
const claude = `#!/bin/sh
trap 'echo interrupted; exit 7' INT
echo "client: $* in $PWD, home <$CLAUDE_CONFIG_DIR>"
case "$*" in *) read -r line; [ "$line" != stop ] || kill -STOP $$; echo "heard: $line"; exit 7 ;; esac
`

export async function openMenuHarness(env: Record<string, string> = {}): Promise<MenuHarness> {
  const machine = new Machine()
  machine.write(join(machine.root, "bin/claude"), claude)
  Bun.spawnSync(["chmod", "755", join(machine.root, "bin/claude")])
  const tmux: Tmux = await privateTmux(machine.root, {
    PATH: `${join(machine.root, "bin")}:${process.env.PATH}`,
    HOME: machine.home,
    PS1: "shell-ready> ",
    TERM: "xterm-256color",
    LANG: "C.UTF-8",
    SESSION_RESCUE_DATA: machine.data,
    ...env,
  })
  const terminal = await openTerminal(tmux, machine.root)
  return {
    machine,
    terminal,
    tmux,
    async menu(...args) {
      await terminal.line(`${[binary, ...args].join(" ")}; echo "exit=$?"`)
      await terminal.shows("e export  k kill")
    },
    async press(key, shows) {
      terminal.keys(key)
      await terminal.shows(shows)
    },
    async expectSane() {
      expect(terminal.modes()).toBe("0 0 1")
      await terminal.line("stty -a | grep -o -e ' icanon' -e ' echo ' | xargs")
      await terminal.shows(/^icanon echo$/m)
    },
    async close() {
      await machine.dispose()
      await tmux.close()
    },
  }
}
