import { KiB } from "../../domain/bytes.ts"
import { limits } from "../model/limits.ts"
import { cjkSource } from "./cjk.ts"

export interface TextRow {
  readonly text: string
  /** The end of the previous row, indexed with this one because a phrase may start there. */
  readonly before: string
}

const blank = /\s/
/** Combining marks belong to the letter before them, as do the later letters of a Korean syllable. */
const wordChar = /[\p{L}\p{N}\p{Co}\p{M}\p{Cs}]/u
const cjk = new RegExp(`(?![\\u1160-\\u11ff])${cjkSource}`, "u")

/** Splits a long text into rows, between words where possible. */
export function* textRowsOf(pieces: Iterable<string>): Generator<TextRow> {
  const most = limits.rowChars
  let held: string[] = []
  let length = 0
  let before = ""
  for (const piece of pieces) {
    held.push(piece)
    length += piece.length
    if (length <= most) continue
    let rest = held.join("")
    while (rest.length > most) {
      const cut = cutNear(rest, most)
      const text = rest.slice(0, cut)
      yield { text, before }
      before = endOf(text)
      rest = rest.slice(cut)
    }
    held = [rest]
    length = rest.length
  }
  if (length > 0) yield { text: held.join(""), before }
}

/** The last place shortly before `most` where no word is split, preferably at a blank. */
function cutNear(text: string, most: number): number {
  const least = most - Math.min(most >> 2, 64 * KiB)
  for (let at = most; at > least; at--) if (blank.test(text[at - 1] ?? "")) return at
  for (let at = most; at > least; at--) if (isBetween(text, at)) return at
  return isLow(text, most) ? most - 1 : most
}

function endOf(text: string): string {
  const from = Math.max(0, text.length - limits.overlapChars)
  for (let at = from; at < text.length; at++) if (at === 0 || isBetween(text, at)) return text.slice(at)
  return ""
}

function isBetween(text: string, at: number): boolean {
  if (isLow(text, at)) return false
  const [before, behind] = [text[at - 1] ?? "", String.fromCodePoint(text.codePointAt(at) ?? 0)]
  return !wordChar.test(behind) || cjk.test(behind) || !(wordChar.test(before) || isLow(text, at - 1))
}

function isLow(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 0xdc00 && code <= 0xdfff
}
