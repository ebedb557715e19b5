import { type Context, type DiskPath, joinPath, remembered } from "session-rescue"

const plansKey = Symbol("names of plans, by home")

/** `plans/SLUG.md` of the slugs that a session's records name, and its agents' `SLUG-agent-NAME.md`. */
export function plansOf(ctx: Context, home: string, slugs: ReadonlySet<string>): readonly DiskPath[] {
  if (slugs.size === 0) return []
  const homes = remembered(ctx, plansKey, () => new Map<string, readonly DiskPath[]>())
  const names = homes.get(home) ?? ctx.files.names(`${home}/plans`)
  homes.set(home, names)
  return names.flatMap((name) => {
    if (typeof name !== "string" || !isPlan(name)) return []
    return slugs.has(name.replace(/(-agent-[A-Za-z0-9_-]+)?\.md$/, ""))
      ? [joinPath(`${home}/plans`, name)]
      : []
  })
}

export function isPlan(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_-]*\.md$/.test(name)
}
