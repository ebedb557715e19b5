declare const brand: unique symbol

/** A terminal's name as `ps` prints it: `pts/3`, `tty1` on Linux, `s013` on macOS. */
export type Terminal = string & { readonly [brand]: "Terminal" }

/** Parses every common spelling of a terminal: `pts/3`, `/dev/pts/3`, `s013`, `ttys013`, `/dev/ttys013`. */
export function parseTerminal(value: string): Terminal | null {
  const name = value.replace(/^\/dev\//, "").replace(/^tty(s[0-9]{3})$/, "$1")
  return /^(pts\/[0-9]{1,7}|s[0-9]{3}|tty[A-Za-z]{0,4}[0-9]{1,4}|console|hvc[0-9])$/.test(name)
    ? (name as Terminal)
    : null
}

/** The device file of a terminal. */
export function terminalDevice(terminal: Terminal): string {
  return /^s[0-9]{3}$/.test(terminal) ? `/dev/tty${terminal}` : `/dev/${terminal}`
}
