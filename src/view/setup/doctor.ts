import type { Finding } from "../../operations/doctor/finding.ts"
import { schemaVersion } from "../terminal/json.ts"
import type { SystemOutput } from "../terminal/output.ts"
import { pad, sanitize } from "../terminal/sanitize.ts"

export function doctorDocument(findings: readonly Finding[], warnings: readonly string[]) {
  return {
    schemaVersion,
    ok: findings.every(({ level }) => level !== "broken"),
    // `says`: the name of `message` in 0.1.0, kept for scripts written for it
    findings: findings.map(({ topic, level, message, next }) => ({
      topic,
      level,
      message,
      says: message,
      next,
    })),
    warnings,
  }
}

const levelLabels = { ok: "ok", advice: "look", broken: "BROKEN" } as const

export function showDoctor(findings: readonly Finding[], home: string, out: SystemOutput): void {
  const paints = { ok: out.paint.green, advice: out.paint.yellow, broken: out.paint.red }
  const short = (text: string) => sanitize(text.replaceAll(`${home}/`, "~/"))
  for (const { topic, level, message, next } of findings) {
    out.print(`${paints[level](pad(levelLabels[level], 7))}${pad(topic, 12)}${short(message)}`)
    if (next !== null) out.print(`${" ".repeat(19)}→ ${sanitize(next)}`)
  }
  const first =
    findings.find(({ level }) => level === "broken") ?? findings.find(({ level }) => level === "advice")
  // it may be a line to paste, with a path in it
  if (first?.next) out.exact(`Next: ${sanitize(first.next)}`)
  else out.print("Next: nothing to fix; list the sessions: session-rescue --status")
}
