import { findSecrets } from "../../domain/secrets/find-secrets.ts"

/**
 * The text without what looks like a secret. The same text gives the same result on every machine: a part that two
 * machines send is one part.
 */
export function withoutSecrets(text: string): { readonly text: string; readonly found: number } {
  const found = findSecrets(text)
  let kept = ""
  let at = 0
  for (const { kind, from, to } of found) {
    kept += `${text.slice(at, from)}«secret:${kind.replaceAll(" ", "-")}»`
    at = to
  }
  return { text: kept + text.slice(at), found: found.length }
}
