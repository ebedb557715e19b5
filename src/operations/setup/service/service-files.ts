import { checksumLine } from "../../../domain/client-config/ownership-line.ts"
import { singleQuote } from "../../../domain/shell-quote.ts"
import { sha256 } from "../files.ts"

export const unitName = "session-rescue-watch.service"
export const agentLabel = "io.github.session-rescue.watch"

/** How a service calls this program: it sees nothing of the shell's environment. */
export interface ServiceCall {
  readonly program: string
  readonly args: readonly string[]
  /** What the shell in which it was set up says of folders. */
  readonly environment: Readonly<Record<string, string>>
}

/**
 * A unit of systemd's user manager. No PrivateTmp, ProtectHome or ProtectProc: it must see every session. KillMode=mixed and
 * the time to stop: a copy that is being made is finished.
 */
export function systemdUnit({ program, args, environment }: ServiceCall): string {
  const command = [...viaShell(program), program, ...args].map(unitQuote).join(" ").replaceAll("$", "$$$$")
  const text = `[Unit]
Description=session-rescue: saves sessions of coding agents before they are lost
StartLimitIntervalSec=300
StartLimitBurst=5

[Service]
Type=exec
ExecStart=${command}
${Object.entries(environment)
  .map(([name, value]) => `Environment=${unitQuote(`${name}=${value}`)}\n`)
  .join("")}Restart=always
RestartSec=10
Nice=10
IOSchedulingClass=idle
MemoryHigh=150M
UMask=0077
NoNewPrivileges=yes
KillMode=mixed
TimeoutStopSec=90

[Install]
WantedBy=default.target
`
  return `${text}# ${checksumLine(text, sha256)}`
}

/** systemd 252, observed: it takes no program whose path has quotes, a backslash or a dollar sign, however they are escaped. */
function viaShell(program: string): readonly string[] {
  return /["'\\$\p{Cc}]/u.test(program) ? ["/bin/sh", "-c", 'exec "$0" "$@"'] : []
}

/** systemd.syntax(7): C escapes in quotes, and % begins a specifier. */
function unitQuote(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")
  return `"${escaped.replaceAll("%", "%%")}"`
}

/** A launch agent of this user. Paths are absolute: launchd knows no ~. */
export function launchAgent({ program, args, environment }: ServiceCall, log: string): string {
  const strings = [program, ...args].map((arg) => `    <string>${xml(arg)}</string>`).join("\n")
  const variables = Object.entries(environment)
    .map(([name, value]) => `    <key>${xml(name)}</key><string>${xml(value)}</string>\n`)
    .join("")
  const around = (sum: string) => `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- session-rescue setup made this file
${sum}-->
<plist version="1.0">
<dict>
  <key>Label</key><string>${agentLabel}</string>
  <key>ProgramArguments</key>
  <array>
${strings}
  </array>
  <key>EnvironmentVariables</key>
  <dict>
${variables}  </dict>
  <key>RunAtLoad</key><true/>
  <key>KeepAlive</key><true/>
  <key>ThrottleInterval</key><integer>30</integer>
  <key>ProcessType</key><string>Background</string>
  <key>LowPriorityIO</key><true/>
  <key>Umask</key><integer>63</integer>
  <key>ExitTimeOut</key><integer>90</integer>
  <key>StandardErrorPath</key><string>${xml(log)}</string>
</dict>
</plist>
`
  return around(checksumLine(around(""), sha256))
}

function xml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
}

/**
 * Lines for `crontab -e` where there is neither of the two: a look every five minutes, and, for who wants it, the watcher itself
 * from the next start of the machine on; beside it the looks do nothing.
 */
export function crontabLines({ program, args, environment }: ServiceCall): readonly string[] {
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${singleQuote(value)}`)
  const command = (...more: string[]) =>
    [...variables, ...[program, ...args, ...more].map(shellWord)].join(" ").replaceAll("%", "\\%")
  return [`*/5 * * * * ${command("--once")}`, `@reboot ${command()}`]
}

function shellWord(word: string): string {
  return /^[A-Za-z0-9/._+-]+$/.test(word) ? word : singleQuote(word)
}
