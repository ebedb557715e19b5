/** What a version of the client leaves behind: names, types and the values of a few small sets; never what was said. */
export const groups = ["records", "registry", "state files", "files", "processes", "commands"] as const
export type Group = (typeof groups)[number]

/** Of each group, what there is, and the details of it. */
export type Shapes = Readonly<Record<Group, Readonly<Record<string, readonly string[]>>>>

export interface Facts {
  readonly version: string
  /** The situations it was driven through. */
  readonly situations: readonly string[]
  readonly shapes: Shapes
}

/** Gathers shapes from many places, each as often as it is seen. */
export class FactCollector {
  readonly #seen = new Map<Group, Map<string, Set<string>>>()

  add(group: Group, name: string, details: Iterable<string> = []): void {
    const named = this.#seen.get(group) ?? new Map<string, Set<string>>()
    this.#seen.set(group, named)
    const all = named.get(name) ?? new Set<string>()
    named.set(name, all)
    for (const detail of details) all.add(detail)
  }

  shapes(): Shapes {
    const sorted = (group: Group) =>
      [...(this.#seen.get(group) ?? [])]
        .toSorted(([a], [b]) => byText(a, b))
        .map(([name, details]) => [name, withoutIdleNulls(details).toSorted(byText)] as const)
    return Object.fromEntries(groups.map((group) => [group, Object.fromEntries(sorted(group))])) as never
  }
}

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** A field that is null now and a string then is a string. */
function withoutIdleNulls(details: ReadonlySet<string>): string[] {
  const isTyped = (field: string) =>
    [...details].some((other) => other.startsWith(`${field}: `) && other !== `${field}: null`)
  return [...details].filter(
    (detail) => !detail.endsWith(": null") || !isTyped(detail.slice(0, -": null".length)),
  )
}
