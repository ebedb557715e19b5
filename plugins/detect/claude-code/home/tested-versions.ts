/** The client versions that the tests run this program with, newest first. */
export const testedVersions = ["2.1.332", "2.1.280", "2.1.231", "2.1.197", "2.0.60", "1.0.100"] as const

/** A remark on an untested version: `client 2.2.0 is newer than those tried, newest 2.1.332`. */
export function describeVersion(version: string | null): string {
  if (version === null) return "its client does not give its version"
  return compareVersions(version, testedVersions[0]) > 0
    ? `client ${version} is newer than those tried, newest ${testedVersions[0]}`
    : `client ${version}`
}

export function compareVersions(one: string, other: string): number {
  const [left, right] = [numbers(one), numbers(other)]
  const at = left.findIndex((number, index) => number !== (right[index] ?? 0))
  return at === -1 ? 0 : (left[at] ?? 0) - (right[at] ?? 0)
}

/** Suffixes after a dash or a plus do not affect the order. */
function numbers(version: string): number[] {
  const [main = ""] = version.split(/[-+]/, 1)
  return [0, 1, 2].map((index) => Number.parseInt(main.split(".")[index] ?? "", 10) || 0)
}
