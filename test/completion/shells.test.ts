/** Real shells, in which a person presses Tab. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test"
import { dirname } from "node:path"
import { shells } from "../../src/view/setup/completions.ts"
import { isInstalled } from "../faults/harness/installed.ts"
import { binary, Machine } from "../fixtures/machine.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { clientIn } from "../kill/harness/clients.ts"
import { openTerminal } from "../real-client/harness/terminal.ts"
import { privateTmux, type Tmux } from "../real-client/harness/tmux.ts"

setDefaultTimeout(60_000)

const started = {
  bash: { command: ["bash", "--norc", "--noprofile"], first: 'eval "$(session-rescue completions bash)"' },
  zsh: {
    command: ["zsh", "-f"],
    first: 'autoload -U compinit; compinit -D; eval "$(session-rescue completions zsh)"',
  },
  fish: {
    command: ["fish", "--no-config", "-C", 'function fish_prompt; echo "shell-ready> "; end'],
    first: "session-rescue completions fish | source",
  },
}

describe.if(isInstalled("tmux"))("in a terminal", () => {
  let machine: Machine
  let tmux: Tmux
  beforeEach(async () => {
    machine = new Machine()
    machine.copy("/bin/bash", `${machine.root}/claude`)
    tmux = await privateTmux(machine.root, {
      PATH: `${dirname(binary)}:${process.env.PATH}`,
      HOME: machine.home,
      PS1: "shell-ready> ",
      TERM: "xterm-256color",
      LANG: "C.UTF-8",
      SESSION_RESCUE_DATA: machine.data,
    })
  })
  afterEach(async () => {
    await machine.dispose()
    await tmux.close()
  })

  test.if(shells.every(isInstalled)).each([...shells])(
    "%s completes a command, a flag, its value, an id, and a terminal that was opened a moment ago",
    async (shell) => {
      machine.transcript(sessionId(7))
      const terminal = await openTerminal(tmux, machine.root, started[shell].command)
      await terminal.line(started[shell].first)
      const completes = async (typed: string, result: string | RegExp) => {
        await terminal.type(typed)
        terminal.keys("Tab")
        await terminal.shows(result)
        terminal.keys("C-u")
        await terminal.line("clear")
      }
      await completes("session-rescue stat", "session-rescue status")
      await completes("session-rescue status --expl", "session-rescue status --explain")
      await completes("session-rescue status --sort si", "session-rescue status --sort size")
      await completes("session-rescue export a00", "session-rescue export a0000007")
      await completes("session-rescue export --data-dir /us", "session-rescue export --data-dir /usr/")

      const theirs = await openTerminal(tmux, machine.root)
      await theirs.line("./claude -c 'while read -r line; do :; done'")
      await clientIn(theirs)
      await completes("session-rescue kill pt", `session-rescue kill ${theirs.tty}`)
    },
  )
})

describe("the script", () => {
  let machine: Machine
  beforeEach(() => {
    machine = new Machine()
  })
  afterEach(() => machine.dispose())

  test.each([...shells])("for %s is printed, and nothing else", async (shell) => {
    const { code, stdout, stderr } = await machine.run(["completions", shell])
    expect([code, stderr]).toEqual([0, ""])
    expect(stdout).toContain("complete --")
    expect(stdout).not.toContain("--force") // no list of its own
    expect((await machine.run(["completions", shell, "--json"])).json).toEqual({
      schemaVersion: 1,
      shell,
      script: stdout,
    })
  })

  test.each([[[]], [["tcsh"]], [["bash", "zsh"]]])(
    "%j is refused, and the shells are named",
    async (names) => {
      const { code, stderr } = await machine.run(["completions", ...names])
      expect([code, stderr]).toEqual([2, expect.stringContaining("bash, zsh, fish")])
    },
  )
})
