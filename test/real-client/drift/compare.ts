import { type Facts, type Group, groups } from "./facts.ts"

/** One thing that differs; of one that is in both, the details that do. */
export interface Difference {
  readonly group: Group
  readonly kind: "added" | "gone" | "changed"
  readonly name: string
  readonly added: readonly string[]
  readonly gone: readonly string[]
}

export function compare(before: Facts, after: Facts): Difference[] {
  return groups.flatMap((group) => {
    const [old, fresh] = [before.shapes[group] ?? {}, after.shapes[group] ?? {}]
    const names = [...new Set([...Object.keys(old), ...Object.keys(fresh)])].toSorted()
    return names.flatMap((name): Difference[] => {
      const [had, has] = [old[name], fresh[name]]
      const added = (has ?? []).filter((detail) => !had?.includes(detail))
      const gone = (had ?? []).filter((detail) => !has?.includes(detail))
      if (had && has && added.length + gone.length === 0) return []
      const kind = had === undefined ? "added" : has === undefined ? "gone" : "changed"
      return [{ group, kind, name, added, gone }]
    })
  })
}
