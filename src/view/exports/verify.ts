import type { VerifyReport } from "../../operations/exports/verify.ts"
import { count, saySize, shortPath } from "../terminal/format.ts"
import type { Output } from "../terminal/output.ts"
import { pad, plain } from "../terminal/sanitize.ts"
import { isUnsound, labels, nextStep, remarks, summary } from "./verify-words.ts"

const margin = 11

export interface VerifyFacts {
  readonly home: string
  /** How many there were to verify. */
  readonly of: number
  readonly md5: boolean
}

export function showVerify({ verified, interrupted }: VerifyReport, facts: VerifyFacts, out: Output): void {
  const { paint } = out
  for (const each of verified) {
    const { entry, state, bytes, files } = each
    const colour = isUnsound(each) ? paint.red : state === "whole" ? paint.green : paint.yellow
    const id = entry.id?.slice(0, 8) ?? "no id"
    const size = files === 0 ? "" : ` · ${saySize(bytes)} in ${count(files, "file")}`
    out.print(`${colour(pad(labels[state], margin))}${id} · ${entry.place}${size}${remarks[state]}`)
    out.print(paint.dim(" ".repeat(margin) + plain(shortPath(entry.path, facts.home))))
    for (const { path, kind, says } of each.problems) {
      const line = `${" ".repeat(margin)}! ${kind}: ${plain(shortPath(path, facts.home))}: ${plain(says)}`
      out.print(kind === "foreign" ? paint.yellow(line) : paint.red(line))
    }
    if (facts.md5) {
      for (const { path, md5 } of each.sums)
        out.print(paint.dim(`${" ".repeat(margin)}md5 ${md5 ?? "unknown"}  ${plain(path)}`))
    }
  }
  out.print(paint.bold(summary(verified, facts.of)))
  out.print(interrupted ? "Interrupted. Next: run it again for the rest" : nextStep(verified, facts.of))
}
