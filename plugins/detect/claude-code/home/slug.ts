/** Longer names are truncated and get a hash suffix (observed: 2.1.197, 2.1.332). */
const maxSlugLength = 200

/** The client's name for a working directory's folder: collisions exist, so it is never decoded. */
export function slugOf(cwd: string): string {
  const name = cwd.replace(/[^A-Za-z0-9]/g, "-")
  return name.length <= maxSlugLength
    ? name
    : `${name.slice(0, maxSlugLength)}-${Math.abs(hash(cwd)).toString(36)}`
}

/** Whether a folder with that name may be the one filed under `slug`, or a parent of it. */
export function mayLeadTo(slug: string, folder: string): boolean {
  const whole = folder.replace(/[^A-Za-z0-9]/g, "-")
  const [name, wanted] = [whole.slice(0, maxSlugLength), slug.slice(0, maxSlugLength)]
  return wanted.startsWith(name) && (wanted.length === name.length || wanted[name.length] === "-")
}

/** Java's hash of a string, in 32 bits. */
function hash(text: string): number {
  let sum = 0
  for (let at = 0; at < text.length; at++) sum = (Math.imul(sum, 31) + text.charCodeAt(at)) | 0
  return sum
}
