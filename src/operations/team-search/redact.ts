import { findSecrets } from "../../domain/secrets/find-secrets.ts"

/**
 * The text without what looks like a secret. The same text gives the same result on every machine: a part that two
 * machines send is one part.
 */
export function withoutSecrets(text: string): {
  readonly text: string
  /** The same without the notes: what is searched. */
  readonly bare: string
  readonly found: number
} {
  const found = findSecrets(text)
  let kept = ""
  let bare = ""
  let at = 0
  for (const { kind, from, to } of found) {
    bare += `${text.slice(at, from)} `
    kept += `${text.slice(at, from)}«secret:${kind.replaceAll(" ", "-")}»`
    at = to
  }
  const rest = text.slice(at)
  return { text: kept + rest, bare: bare + rest, found: found.length }
}
