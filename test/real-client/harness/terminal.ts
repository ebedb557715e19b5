import { until } from "../../fixtures/until.ts"
import { childrenOf } from "./processes.ts"
import type { Tmux } from "./tmux.ts"

export interface Terminal {
  /** Its device as ps names it, such as "pts/3". */
  tty: string
  shellPid: number
  /** Types text, and waits until the screen shows it. */
  type(text: string): Promise<void>
  /** Types a line and presses Enter. */
  line(text: string): Promise<void>
  /** Presses keys, named as tmux does: "Enter", "Escape", "C-z". */
  keys(...names: string[]): void
  /** Presses Enter, and again where that was lost, until it has had its effect. */
  pressUntil(what: string, isDone: () => boolean | Promise<boolean>): Promise<void>
  screen(): string
  /** The screen with the colours and styles of its text, as escape sequences. */
  styled(): string
  /** All that was ever on it, and is still kept. */
  scrollback(): string
  resize(columns: number, rows: number): void
  shows(text: string | RegExp): Promise<void>
  /** "alternate screen, mouse reported, cursor shown", each 0 or 1: "0 0 1" is as a shell has it. */
  modes(): string
  /** The program the shell is running, once it runs one. */
  child(): Promise<number>
  /** As closing its window: what runs in it gets SIGHUP. */
  close(): void
}

const bash = ["bash", "--norc", "--noprofile"] // as separate words: run by no other shell, which would drop PS1
let opened = 0

/** Opens a shell (bash, unless named) in a terminal of its own, in `cwd`. Closing the tmux server ends it. */
export async function openTerminal(tmux: Tmux, cwd: string, shell = bash): Promise<Terminal> {
  const name = `t${++opened}`
  tmux.run("new-session", "-d", "-s", name, "-x", "160", "-y", "48", "-c", cwd, ...shell)
  const [device = "", pid] = tmux
    .run("display-message", "-p", "-t", name, "#{pane_tty} #{pane_pid}")
    .split(" ")
  const terminal: Terminal = {
    tty: device.replace(/^\/dev\//, ""),
    shellPid: Number(pid),
    async type(text) {
      tmux.run("send-keys", "-t", name, "-l", "--", text)
      await terminal.shows(text.slice(-40))
    },
    async line(text) {
      await terminal.type(text)
      terminal.keys("Enter")
    },
    async pressUntil(what, isDone) {
      const deadline = Date.now() + patienceMs
      while (!(await pressed(terminal, what, isDone)))
        if (Date.now() > deadline)
          throw new Error(`Enter was pressed in vain for: ${what}\n${terminal.screen()}`)
    },
    keys(...names) {
      tmux.run("send-keys", "-t", name, ...names)
    },
    screen: () => tmux.run("capture-pane", "-t", name, "-p"),
    styled: () => tmux.run("capture-pane", "-t", name, "-p", "-e"),
    scrollback: () => tmux.run("capture-pane", "-t", name, "-p", "-S", "-2000"),
    resize(columns, rows) {
      tmux.run("resize-window", "-t", name, "-x", String(columns), "-y", String(rows))
    },
    async shows(text) {
      const found = () => {
        const screen = terminal.screen()
        return typeof text === "string" ? squeezed(screen).includes(squeezed(text)) : text.test(screen)
      }
      await until(`"${text}" on ${terminal.tty}`, found, { show: terminal.screen })
    },
    modes: () =>
      tmux.run("display-message", "-p", "-t", name, "#{alternate_on} #{mouse_any_flag} #{cursor_flag}"),
    close() {
      tmux.run("kill-session", "-t", name)
    },
    child: () => until(`a program on ${terminal.tty}`, () => childrenOf(terminal.shellPid)[0]),
  }
  await terminal.shows("shell-ready>")
  return terminal
}

/** A client that is busy drawing drops a key, or takes it for a part of what was pasted. */
const [pressAgainMs, patienceMs] = [5000, 60_000]

async function pressed(
  terminal: Terminal,
  what: string,
  isDone: () => boolean | Promise<boolean>,
): Promise<boolean> {
  terminal.keys("Enter")
  return until(what, isDone, { withinMs: pressAgainMs }).catch(() => false)
}

/** Long lines are wrapped and boxed on the screen: compare what is left without that. */
function squeezed(text: string): string {
  return text.replace(/[\s│┃]/g, "")
}
